import Backprop
import Foundation

/// A text as numbers: what the next character is, given those before.
struct Characters {
  /// The characters of the text, in order.
  let alphabet: [Character]
  /// Characters that a network sees at once.
  let context: Int
  private let training: [Int32]
  /// The last tenth of the text in windows side by side.
  let validation: Dataset

  init(_ text: String, context: Int) throws {
    let alphabet = Array(Set(text)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, Int32($0)) })
    let all = text.map { numbers[$0]! }
    (self.alphabet, self.context) = (alphabet, context)
    let cut = all.count - all.count / 10
    training = Array(all[..<cut])
    validation = try Self.windows(all[cut...], context, alphabet.count)
  }

  /// Windows of the training part side by side, those of each epoch beginning at another place.
  func epoch(_ number: Int, key: RandomKey) throws -> Dataset {
    var stream = RandomStream(key.folded("offset").folded(UInt64(number)))
    let most = min(context, training.count - context - 1)
    let offset = Int(stream.below(UInt32(max(most, 1))))
    return try Self.windows(training[offset...], context, alphabet.count)
  }

  private static func windows(
    _ numbers: ArraySlice<Int32>, _ context: Int, _ classes: Int
  ) throws -> Dataset {
    let count = (numbers.count - 1) / context
    func tensor(_ start: Int) -> Tensor {
      Tensor(
        Array(numbers[numbers.startIndex + start..<numbers.startIndex + start + count * context]),
        shape: [count, context])
    }
    return try Dataset(
      name: "characters", inputs: tensor(0), targets: tensor(1), classCount: classes)
  }

  /// Text that a model goes on with, one character at a time.
  func sample(_ model: Model, length: Int, key: RandomKey, temperature: Double = 0.8) throws
    -> String
  {
    var numbers: [Int32] = [0]
    let chances = key.uniforms(length)
    for place in 0..<length {
      let seen = Array(numbers.suffix(context))
      // What stands behind the last character is not looked at.
      let input = seen + [Int32](repeating: 0, count: context - seen.count)
      let logits = try model.predict(Tensor(input, shape: [1, context])).array(of: Float.self)
      let row = logits[(seen.count - 1) * alphabet.count..<seen.count * alphabet.count]
      numbers.append(choose(row.map { Double($0) / temperature }, chances[place]))
    }
    return String(numbers.dropFirst().map { alphabet[Int($0)] })
  }

  private func choose(_ logits: [Double], _ chance: Double) -> Int32 {
    let top = logits.max() ?? 0
    let powers = logits.map { Double.exp($0 - top) }
    var left = chance * powers.reduce(0, +)
    for (index, power) in powers.enumerated() {
      left -= power
      if left < 0 { return Int32(index) }
    }
    return Int32(logits.count - 1)
  }
}

extension Characters {
  /// A file of text, or a text that stands in for it.
  static func read(_ folder: String?) throws -> String {
    guard let folder else {
      return String(repeating: "to be, or not to be: that is the question. ", count: 60)
    }
    return try String(contentsOfFile: "\(folder)/tinyshakespeare.txt", encoding: .utf8)
  }

  /// Trains a network, and prints its cost on the rest of the text and what it writes.
  func train(
    _ network: Sequential, _ course: Course, steps: Int, batch: Int, rate: Double
  ) throws {
    let steps = course.steps ?? steps
    let step = try TrainingStep(
      network, loss: .softmaxCrossEntropy,
      optimizer: AdamW(learningRate: rate, beta2: 0.99, weightDecay: 0.1),
      input: .index([context], below: alphabet.count),
      target: .classes(alphabet.count, positions: [context]),
      regularization: Regularization(clipNorm: 1), schedule: .cosine(over: steps),
      threads: course.threads)
    let key = RandomKey(course.seed)
    let state = try course.train(step, steps: steps, batch: batch) { try epoch($0, key: key) }
    let cost = try step.evaluate(state, on: validation, batchSize: 32, isDetailed: false).loss
    print("validation: \(Course.rounded(cost)) nats a character")
    let model = Model(step: step, state: state)
    print(try sample(model, length: min(400, 4 * context), key: key.folded("sample")))
  }
}
