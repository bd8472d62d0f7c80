import BackpropCore

extension Loss {
  /// Checks what a cost of values is given: predictions [..., outputs] with at least one axis
  /// before the last, and targets of the same shape and scalar type.
  func requireSameShape(_ prediction: Value, _ target: Value) throws {
    try requireOutputs(prediction)
    guard target.scalarType == prediction.scalarType else {
      let hint =
        target.scalarType == .int32
        ? "it takes no class indices; give the classes one-hot" : "cast(to:) converts"
      throw ShapeError(
        name, [prediction.shape, target.shape],
        "the prediction is \(prediction.type) and the target \(target.type); \(hint)")
    }
    guard target.shape == prediction.shape else {
      throw ShapeError(
        name, [prediction.shape, target.shape],
        "prediction and target have different shapes; expected the same")
    }
  }

  /// Checks an option that was set in code.
  func require(_ option: String, _ value: Double, _ range: NumberRange) throws {
    guard range.contains(value) else {
      throw ConfigurationError(
        "loss", "loss '\(name)': \(option) is \(shortest(value)); expected \(range.rawValue)")
    }
  }

  /// Checks that predictions have samples and outputs.
  func requireOutputs(_ prediction: Value) throws {
    guard prediction.shape.rank >= 2, prediction.shape.count > 0 else {
      throw ShapeError(
        name, [prediction.shape],
        "the prediction needs a batch axis and an axis of outputs, neither of size 0")
    }
  }
}
