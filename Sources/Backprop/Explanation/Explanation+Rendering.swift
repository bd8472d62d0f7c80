extension Explanation {
  /// The explanation in a format.
  ///
  /// - Parameters:
  ///   - format: how it is written.
  ///   - view: what is shown; json and html hold what the view chooses, and can be looked at in all
  ///     depths.
  ///   - width: the greatest length of a line of text.
  ///   - hasColor: whether text has colour, for a terminal.
  /// - Throws: ``ConfigurationError`` if the view names what is not there.
  public func rendered(
    as format: ExplanationFormat, _ view: ExplanationView = ExplanationView(), width: Int = 100,
    hasColor: Bool = false
  ) throws -> String {
    try check(view)
    switch format {
    case .text:
      return DocumentText(width: width, hasColor: hasColor).text(try document(view))
    case .json: return try json(view).text(pretty: true) + "\n"
    case .markdown: return DocumentMarkup(isLaTeX: false).text(try document(view))
    case .latex: return DocumentMarkup(isLaTeX: true).text(try document(view))
    case .html: return try ExplanationPage(self, view).html
    }
  }

  /// Takes so many steps from the state that was explained, and keeps the cost after each: what the
  /// next step tells of the batch.
  package mutating func follow(
    _ step: TrainingStep, _ state: TrainingState, _ batch: Batch, steps: Int
  ) throws {
    let step = try step.inFloat64()
    var state = try step.state(state)
    for number in 1...steps {
      let before = try step.run(&state, batch)
      if number > 1 { costs[costs.count - 1].cost = before }
      let (prediction, _) = try step.predict(state, batch)
      let outputs = prediction.array(of: Double.self)
      let width = prediction.shape.last
      costs.append((number, .nan, Array(outputs[sample * width..<(sample + 1) * width])))
    }
    if !costs.isEmpty {
      costs[costs.count - 1].cost = try step.costAndGradient(state, batch).cost
    }
  }
}
