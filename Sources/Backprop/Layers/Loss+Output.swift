extension Loss {
  /// Checks that a network may end with an activation if this is its cost.
  ///
  /// - Throws: ``ConfigurationError`` for probabilities where the cost takes logits, and for
  ///   anything else where it takes probabilities.
  func checkOutput(_ output: Activation) throws {
    let isProbability = output == .sigmoid || output == .softmax
    switch input {
    case .logits where isProbability:
      throw ConfigurationError(
        "loss",
        "\(name) takes logits, not the output of \(output); leave the output activation out, "
          + "or use cross-entropy or binary-cross-entropy, which take activations")
    case .probabilities where !isProbability:
      let logits = self is CrossEntropy || self is BinaryCrossEntropy
      throw ConfigurationError(
        "loss",
        "\(name) takes activations between 0 and 1, not the output of \(output); "
          + "name sigmoid or softmax as the output activation"
          + (logits ? ", or use sigmoid-cross-entropy, which takes logits" : ""))
    default: break
    }
  }
}
