import BackpropCore

/// Compares derivatives of an explanation with finite differences of the cost.
struct ExplanationChecker {
  private let probe: CostProbe
  private let differences: Differences
  private let state: TrainingState

  /// Arrays of up to so many elements are checked element by element.
  static let elementLimit = 16
  /// How many directions stand for a whole array.
  static let directions = 4

  init(_ step: TrainingStep, _ state: TrainingState, _ batch: Batch) throws {
    let step = try step.inFloat64()
    self.state = try step.state(state)
    probe = try CostProbe(step, self.state, batch, marks: branches)
    differences = Differences(probe, step.declarations.filter(\.isTrained).map(\.path))
  }

  /// The element that a view is about; else ``all(_:)`` and every weight that the view shows.
  func checks(
    _ explanation: Explanation, _ view: ExplanationView
  ) throws -> [ExplanationCheck] {
    if let weight = view.weight { return element(explanation, weight.path, weight.index) }
    var checks = try all(explanation)
    for figure in explanation.figures(view) where figure.id.hasSuffix(".gradient") {
      let id = String(figure.id.dropLast(".gradient".count))
      guard !checks.contains(where: { $0.name == id }),
        let (path, index) = try? ExplanationView.weight(named: id)
      else { continue }
      checks += element(explanation, path, index)
    }
    return checks
  }

  /// An element by its indices; nothing if there is none.
  private func element(
    _ explanation: Explanation, _ path: String, _ index: [Int]
  ) -> [ExplanationCheck] {
    let all = explanation.layers.flatMap(\.parameters)
    guard let parameter = all.first(where: { $0.path == path }) else { return [] }
    let sizes = parameter.value.shape.sizes
    guard sizes.count == index.count, zip(index, sizes).allSatisfy({ (0..<$1).contains($0) })
    else { return [] }
    let place = zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }
    return [check(element: place, of: parameter)]
  }

  /// Every parameter, trained or not: each element of a small array, a large one along random
  /// directions.
  func all(_ explanation: Explanation) throws -> [ExplanationCheck] {
    explanation.layers.flatMap(\.parameters).flatMap { parameter -> [ExplanationCheck] in
      let gradient = parameter.gradient.array(of: Double.self)
      let floor = Self.floor(gradient)
      let weights = probe[parameter.path]
      guard gradient.count > Self.elementLimit else {
        return Move.elements(of: weights).enumerated().map { index, move in
          let name = Figure.name(parameter.path, index, in: parameter.value.shape)
          return check(name, parameter.path, move, move.along(gradient), floor)
        }
      }
      let key = RandomKey(0).folded("explanation").folded(parameter.path)
      let name = "\(parameter.path) along \(Self.directions) random directions"
      let checks = (0..<Self.directions).map { number in
        let move = Move.direction(number, of: weights, key)
        return check(name, parameter.path, move, move.along(gradient), floor)
      }
      return [checks.max { $0.error < $1.error }].compactMap { $0 }
    }
  }

  /// One element of a parameter.
  func check(element index: Int, of parameter: ParameterExplanation) -> ExplanationCheck {
    let gradient = parameter.gradient.array(of: Double.self)
    return check(
      Figure.name(parameter.path, index, in: parameter.value.shape), parameter.path,
      Move.element(index, of: probe[parameter.path]), gradient[index], Self.floor(gradient))
  }

  /// Gradients far below the greatest of their array count as if they were a thousandth of it.
  private static func floor(_ gradient: [Double]) -> Double {
    1e-3 * (gradient.map(\.magnitude).max() ?? 0)
  }

  private func check(
    _ name: String, _ path: String, _ move: Move, _ analytic: Double, _ floor: Double
  ) -> ExplanationCheck {
    guard let found = differences.derivative(path, move, expected: analytic, floor: floor) else {
      return ExplanationCheck(name: name, analytic: analytic, numeric: nil, error: 0)
    }
    let noise = found.rounding + 2 * differences.rounding / move.step
    let difference = max((analytic - found.value).magnitude - noise, 0)
    let scale = max(analytic.magnitude, found.value.magnitude, floor)
    return ExplanationCheck(
      name: name, analytic: analytic, numeric: found.value,
      error: scale == 0 ? 0 : difference / scale)
  }
}
