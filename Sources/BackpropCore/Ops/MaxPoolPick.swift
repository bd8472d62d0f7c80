/// What stands in the places where another value is greatest in its window: the mean over equal ones.
///
/// `y[window] = Σ over places with x[place] = m[window] of v[place] / (number of such places)`: what ``MaxPool`` does
/// to a small change v of x.
///
/// - Shapes: x [samples, height, width, channels], its maxima m [samples, windows down, windows across, channels], and
///   v of x's shape → the shape of m.
/// - Derivative: `∂C/∂v` is `g` spread to where x is greatest; none for x and m.
/// - Order: sums run through the places row by row.
/// - Throws: ``ShapeError`` if m has not one element for each window, or v not the shape of x.
public struct MaxPoolPick: Op {
  public static let name = "max-pool-pick"
  public static let derivative =
    "∂C/∂v is g spread to where x is greatest; none for x and m"
  /// The windows.
  public let window: Window

  /// Makes the op.
  public init(_ window: Window) { self.window = window }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try window.requireWindows(self, inputs[0], [inputs[1]])
    guard inputs[2] == inputs[0] else {
      throw ShapeError(
        name, inputs.map(\.shape), "the first and the third input must have one shape and type")
    }
    return inputs[1]
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, m) = (point.inputs[0], point.inputs[1])
    return [nil, nil, try x.builder.add(MaxPoolSpread(window), [x, m, point.adjoint])]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    var y = Numbers<R>(result.shape, repeating: 0)
    var counts = y
    window.forEachTop(inputs[0], inputs[1]) { windowElement, element, count in
      y.values[windowElement] += inputs[2].values[element]
      counts.values[windowElement] = count
    }
    for index in y.values.indices where counts.values[index] > 0 {
      y.values[index] /= counts.values[index]
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.maxPick, window) }
}
