import BackpropCore

/// Compares derivatives of an explanation with finite differences of the cost.
struct ExplanationChecker {
  private let probe: CostProbe
  private let differences: Differences
  private let state: TrainingState

  /// Arrays of up to so many elements are checked element by element.
  static let elementLimit = 16
  /// A direction moves at most about so many elements: a check must not take longer than the step.
  static let moveLimit = 4_096
  /// How many directions stand for a whole array.
  static let directions = 4

  init(_ step: TrainingStep, _ state: TrainingState, _ batch: Batch) throws {
    let step = try step.inFloat64()
    self.state = try step.state(state)
    let probe = try CostProbe(step, self.state, batch)
    self.probe = probe
    let nudges = step.declarations.filter(\.isTrained).map {
      Move.direction(
        0, of: $0.path, probe[$0.path], RandomKey(0).folded($0.path), limit: Self.moveLimit)
    }
    differences = try Differences(nudges) { probe.point($0, $1) }
  }

  /// The element that a view is about; else every parameter, and every weight that the view shows.
  func checks(
    _ explanation: Explanation, _ view: ExplanationView
  ) throws -> [ExplanationCheck] {
    if let weight = view.weight {
      guard
        let parameter = explanation.layers.flatMap(\.parameters)
          .first(where: { $0.path == weight.path })
      else { return [] }
      let subject = Subject(parameter, probe[weight.path])
      return try [element(weight.index, of: subject)].compactMap { $0 }
    }
    var shown: [String: [[Int]]] = [:]
    for figure in explanation.figures(view) where figure.id.hasSuffix(".gradient") {
      let id = String(figure.id.dropLast(".gradient".count))
      guard let (path, index) = try? ExplanationView.weight(named: id) else { continue }
      shown[path, default: []].append(index)
    }
    return try explanation.layers.flatMap(\.parameters).flatMap { parameter in
      let isSmall = parameter.value.shape.count <= Self.elementLimit
      let subject = Subject(parameter, probe[parameter.path])
      let own = isSmall ? [] : shown[parameter.path] ?? []
      return try all(subject) + own.compactMap { try element($0, of: subject) }
    }
  }

  /// A parameter with what all its checks need, computed once.
  private struct Subject {
    let parameter: ParameterExplanation
    let weights, gradient: [Double]
    /// Gradients far below the greatest of their array count as if they were a thousandth of it.
    let floor: Double

    init(_ parameter: ParameterExplanation, _ weights: [Double]) {
      (self.parameter, self.weights) = (parameter, weights)
      gradient = parameter.gradient.array(of: Double.self)
      floor = 1e-3 * (gradient.map(\.magnitude).max() ?? 0)
    }
  }

  /// An element by its indices; nil if there is none.
  private func element(_ index: [Int], of subject: Subject) throws -> ExplanationCheck? {
    let parameter = subject.parameter
    let sizes = parameter.value.shape.sizes
    guard sizes.count == index.count, zip(index, sizes).allSatisfy({ (0..<$1).contains($0) })
    else { return nil }
    let place = zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }
    return try check(
      Figure.name(parameter.path, place, in: parameter.value.shape), subject,
      Move.element(place, of: parameter.path, subject.weights))
  }

  /// A whole parameter, trained or not: each element of a small array, a large one along random
  /// directions, of which the worst is told.
  private func all(_ subject: Subject) throws -> [ExplanationCheck] {
    let parameter = subject.parameter
    guard subject.gradient.count > Self.elementLimit else {
      return try subject.weights.indices.map { index in
        try check(
          Figure.name(parameter.path, index, in: parameter.value.shape), subject,
          Move.element(index, of: parameter.path, subject.weights))
      }
    }
    let key = RandomKey(0).folded("explanation").folded(parameter.path)
    let name = "\(parameter.path) along \(Self.directions) random directions"
    let checks = try (0..<Self.directions).map { number in
      try check(
        name, subject,
        Move.direction(
          number, of: parameter.path, subject.weights, key, limit: Self.moveLimit))
    }
    // A direction over a kink says nothing; another may.
    let told = checks.filter { $0.numeric != nil }
    return [(told.isEmpty ? checks : told).max { $0.error < $1.error }].compactMap { $0 }
  }

  private func check(
    _ name: String, _ subject: Subject, _ move: Move
  ) throws -> ExplanationCheck {
    let analytic = move.along { _ in subject.gradient }
    guard
      let found = try differences.along(move).derivative(expected: analytic, floor: subject.floor)
    else {
      return ExplanationCheck(name: name, analytic: analytic, numeric: nil, error: 0)
    }
    let noise = found.rounding + 2 * differences.rounding / move.step
    let difference = max((analytic - found.value).magnitude - noise, 0)
    let scale = max(analytic.magnitude, found.value.magnitude, subject.floor)
    return ExplanationCheck(
      name: name, analytic: analytic, numeric: found.value,
      error: scale == 0 ? 0 : difference / scale)
  }
}
