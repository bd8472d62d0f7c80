@testable import Backprop
@testable import BackpropCommand
import BackpropCore

/// `model.json`: read, made a model of with parameters that fit, asked for a prediction, written and
/// read again.
enum ModelTarget {
  private static let file = "\(FuzzTarget.file)/model.json"

  static func run(_ bytes: [UInt8]) throws {
    let description = try ModelDescription(bytes, file: file, layers: .standard)
    guard description.input.shape.count <= 1 << 12, description.target.outputs <= 1 << 12,
      let parameters = try parameters(description)
    else { return }
    let model = try Model(description, in: FuzzTarget.file) { parameters }

    let text = ModelDescription(model).json.text(pretty: true)
    let again = try ModelDescription(Array(text.utf8), file: file, layers: .standard)
    require(
      again.network == description.network && again.loss == ModelDescription(model).loss
        && again.scaling == model.scaling && again.targetScaling == model.targetScaling
        && again.classNames == model.classNames && again.preprocessing == model.preprocessing
        && again.input == model.step.input && again.target == model.step.target,
      "a description that does not come back: \(text)")

    let inputs =
      switch description.input {
      case .float(let shape):
        Tensor([Float](repeating: 0.5, count: 2 * shape.count), shape: Shape([2] + shape.sizes))
      case .index(let shape, _): Tensor(zeros: Shape([2] + shape.sizes), scalarType: .int32)
      }
    let outputs = try model.predict(inputs)
    for isJSON in [true, false] {
      let writer = PredictionWriter(model, isJSON: isJSON)
      _ = writer.header + writer.lines(try model.prediction(ofOutputs: outputs), start: 0)
    }
    if let preprocessing = model.preprocessing { try predictRow(model, preprocessing) }
  }

  /// Parameters for the network of a description, nil if they are many.
  private static func parameters(_ description: ModelDescription) throws -> [UInt8]? {
    let network: any Layer
    switch description.network {
    case .text(let text):
      let sizes = text.sizes.compactMap { $0 }
      let weights = zip(sizes, sizes.dropFirst()).map { Double($0) * Double($1) }.reduce(0, +)
      guard weights <= 0x1p16 else { return nil }
      network = try MultilayerPerceptron(text, bias: description.bias ?? .unit)
    default:
      guard let sequential = description.sequential else { return nil }
      network = sequential
    }
    let step = try TrainingStep(
      network, loss: description.namedLoss(), optimizer: SGD(), input: description.input,
      target: description.target, precision: description.precision.scalarType)
    guard step.layout.byteCount <= 1 << 20 else { return nil }
    let tensors = step.declarations.map { declaration in
      (declaration.path, Tensor(zeros: declaration.shape, scalarType: step.precision))
    }
    return Safetensors.encode(Dictionary(tensors) { first, _ in first })
  }

  /// A row of a table that has the columns of the model.
  private static func predictRow(_ model: Model, _ preprocessing: Preprocessing) throws {
    func quoted(_ text: String) -> String {
      "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
    let columns = preprocessing.inputColumns
    let fields = columns.indices.map { $0 % 3 == 2 ? "" : $0 % 3 == 1 ? "1.5" : "red" }
    let text = [columns.map(quoted), fields].map { $0.joined(separator: ",") }
    let table = try Table(parsing: text.joined(separator: "\n"), name: FuzzTarget.file)
    if let prediction = try model.predict(table) {
      _ = PredictionWriter(model, isJSON: true).lines(prediction, start: 0)
    }
  }
}
