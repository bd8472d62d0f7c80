/// A network of dense layers in text, `SIZES HIDDEN [OUTPUT]`, as in `784-30-10 sigmoid`.
///
/// - SIZES run from the inputs to the outputs. `_` at either end stands for the data's own number,
///   as in `_-128-64-_ relu`; a single size N means `_-N-_`, one hidden layer.
/// - HIDDEN is the ``Activation`` of the hidden layers, OUTPUT that of the output layer. Without
///   OUTPUT it is the identity when the cost takes logits or the target is numeric, HIDDEN when the
///   cost takes activations and the target is a class.
/// - Two sizes make a network without a hidden layer. Then the one activation, if there is one, is
///   the output's: `4-3`, `4-3 sigmoid`.
///
/// ``resolved(inputs:outputs:loss:isClassification:)`` fills in what is left open. The resolved
/// form names every size and both activations, `784-30-10 sigmoid sigmoid`; run files store it.
public struct NetworkSpecification: Hashable, Sendable, CustomStringConvertible {
  /// The sizes from inputs to outputs, at least two; nil stands for the data's own number.
  public let sizes: [Int?]
  /// The activation of the hidden layers; nil if there are none.
  public let hiddenActivation: Activation?
  /// The activation of the output layer; nil if it is left to the cost and the target.
  public let outputActivation: Activation?

  init(sizes: [Int?], hidden: Activation?, output: Activation?) {
    (self.sizes, hiddenActivation, outputActivation) = (sizes, hidden, output)
  }

  /// Reads a specification.
  ///
  /// - Throws: ``ConfigurationError`` that says what is wrong and what would be right.
  public init(parsing text: String) throws {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first else {
      throw Self.error(text, "it is empty; expected SIZES HIDDEN [OUTPUT], as in 784-30-10 sigmoid")
    }
    sizes = try Self.sizes(first, in: text)
    let activations = try words.dropFirst().map { try Activation(named: $0) }
    let hasHidden = sizes.count > 2
    let allowed = hasHidden ? 1...2 : 0...1
    guard allowed.contains(activations.count) else {
      let expected =
        hasHidden
        ? "the activation of the hidden layers and, if wanted, that of the output layer, "
          + "as in \(first) sigmoid"
        : "the activation of the output layer or none, since it has no hidden layer"
      throw Self.error(text, "\(activations.count) activations; expected \(expected)")
    }
    hiddenActivation = hasHidden ? activations[0] : nil
    outputActivation = hasHidden ? activations.dropFirst().first : activations.first
  }

  private static func sizes(_ word: String, in text: String) throws -> [Int?] {
    let items = word.split(separator: "-", omittingEmptySubsequences: false)
    var sizes: [Int?] = []
    for (index, item) in items.enumerated() {
      if item == "_", items.count > 1, index == 0 || index == items.count - 1 {
        sizes.append(nil)
      } else if item == "_" {
        throw error(
          text, "_ may stand only for the inputs or the outputs; give the hidden layer a size")
      } else if let size = Int(item), size >= 1, size <= 1 << 31 {
        sizes.append(size)
      } else {
        throw error(
          text,
          "'\(item)' is not a size; expected whole numbers of at least 1 with - between, "
            + "as in 784-30-10"
        )
      }
    }
    return sizes.count == 1 ? [nil, sizes[0], nil] : sizes
  }

  private static func error(_ text: String, _ message: String) -> ConfigurationError {
    ConfigurationError("network", "network '\(text)': \(message)")
  }

  /// Whether every size and both activations are known.
  public var isResolved: Bool { !sizes.contains(nil) && outputActivation != nil }

  /// The text form; see the type for what it means.
  public var description: String {
    let sizes = self.sizes.map { $0.map(String.init) ?? "_" }.joined(separator: "-")
    let words = [hiddenActivation, outputActivation].compactMap { $0?.description }
    return ([sizes] + words).joined(separator: " ")
  }
}

extension NetworkSpecification {
  /// This specification with every size and the output activation filled in.
  ///
  /// - Parameters:
  ///   - inputs: the number of features in the data.
  ///   - outputs: the number of classes, or of numeric targets.
  ///   - loss: the cost; it decides what the output layer may be.
  ///   - isClassification: whether the target is a class.
  /// - Throws: ``ConfigurationError`` if a size does not fit the data, or the output activation not
  ///   the cost.
  public func resolved(
    inputs: Int, outputs: Int, loss: any Loss, isClassification: Bool
  ) throws -> NetworkSpecification {
    var sizes = self.sizes
    for (index, (kind, number)) in [
      (0, ("inputs", inputs)), (sizes.count - 1, ("outputs", outputs)),
    ] {
      if let size = sizes[index], size != number {
        throw fault("\(size) \(kind), but the data has \(number); write \(number) or _")
      }
      sizes[index] = number
    }
    let output = try output(for: loss, isClassification: isClassification)
    return NetworkSpecification(sizes: sizes, hidden: hiddenActivation, output: output)
  }

  private func output(for loss: any Loss, isClassification: Bool) throws -> Activation {
    if let output = outputActivation {
      try loss.checkOutput(output)
      return output
    }
    if loss.input == .logits || (!isClassification && loss.input == .values) { return .identity }
    if loss.input == .logProbabilities {
      throw fault(
        "\(loss.name) takes log-probabilities; name the activation of the output layer: log-softmax"
      )
    }
    guard let hidden = hiddenActivation, isClassification else {
      let choices = loss.input == .probabilities ? "sigmoid or softmax" : "sigmoid, for example"
      throw fault("\(loss.name) takes activations; name that of the output layer: \(choices)")
    }
    try loss.checkOutput(hidden)
    return hidden
  }

  private func fault(_ message: String) -> ConfigurationError {
    Self.error(description, message)
  }
}
