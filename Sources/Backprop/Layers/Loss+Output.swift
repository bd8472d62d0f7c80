import BackpropCore

extension Loss {
  /// Checks that a network may end with an activation if this is its cost.
  ///
  /// - Throws: ``ConfigurationError`` for probabilities where the cost takes logits, and for
  ///   anything else where it takes probabilities or their logarithms.
  func checkOutput(_ output: Activation) throws {
    switch (input, output.range) {
    case (.logits, .probabilities):
      throw refusal(
        "logits", output.description,
        "leave the output activation out, or use cross-entropy or binary-cross-entropy, which take "
          + "activations")
    case (.logits, .logProbabilities):
      throw refusal(
        "logits", output.description,
        "leave the output activation out, or use negative-log-likelihood, which takes "
          + "log-probabilities")
    case (.probabilities, .values), (.probabilities, .logProbabilities):
      let logits = self is CrossEntropy || self is BinaryCrossEntropy
      throw refusal(
        "activations between 0 and 1", output.description,
        "name sigmoid or softmax as the output activation"
          + (logits ? ", or use sigmoid-cross-entropy, which takes logits" : ""))
    case (.logProbabilities, .values), (.logProbabilities, .probabilities):
      throw refusal(
        "log-probabilities", output.description,
        "name log-softmax as the output activation, or use softmax-cross-entropy, which takes logits"
      )
    default: break
    }
  }

  /// Checks that the last op of a network, whatever layers it has, is not one that the cost applies
  /// itself.
  ///
  /// - Throws: as ``checkOutput(_:)``.
  func checkLastOp(_ prediction: Value) throws {
    guard input == .logits else { return }
    if prediction.inputs(of: Softmax.self) != nil { try checkOutput(.softmax) }
    if prediction.inputs(of: Sigmoid.self) != nil { try checkOutput(.sigmoid) }
    if prediction.inputs(of: LogSoftmax.self) != nil { try checkOutput(.logSoftmax) }
  }

  private func refusal(
    _ wanted: String, _ output: String, _ advice: String
  ) -> ConfigurationError {
    ConfigurationError("loss", "\(name) takes \(wanted), not the output of \(output); \(advice)")
  }
}
