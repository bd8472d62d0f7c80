/// The windows over a value laid side by side: `y[n, i, j, (p, q, c)] = x[n, row i·s − b + p·d, column …, c]`.
///
/// A convolution is this and a matrix product; the plan reads the windows where they are. Padding counts as 0.
///
/// - Shapes: [samples, height, width, channels] → [samples, windows down, windows across, places · channels], where
///   a window's places run row by row.
/// - Derivative: `∂C/∂x` at a place is the sum of `g` over all windows that cover it.
/// - Throws: ``ShapeError`` if the input has not four axes, no window fits, or a number of the windows is out of range.
public struct Unfold: Op {
  public static let name = "unfold"
  public static let derivative = "∂C/∂x at a place is the sum of g over all windows that cover it"
  /// The windows.
  public let window: Window

  /// Makes the op.
  public init(_ window: Window) { self.window = window }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0]
    let counts = try window.counts(self, x)
    return ValueType(
      [x.shape[0], counts.rows, counts.columns, window.count * x.shape[3]], x.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let x = point.inputs[0].shape
    return [try point.adjoint.folded(window, height: x[1], width: x[2])]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let channels = inputs[0].shape[3]
    var y = Numbers<R>(result.shape, repeating: 0)
    window.forEach(inputs[0].shape) { position, number, place in
      let start = (position * window.count + number) * channels
      for c in 0..<channels { y.values[start + c] = inputs[0].values[place * channels + c] }
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.unfold, window) }
}

extension Value {
  /// The windows over this value laid side by side: see ``Unfold``.
  public func unfolded(_ window: Window) throws -> Value { try apply(Unfold(window)) }
}
