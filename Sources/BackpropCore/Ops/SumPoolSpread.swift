/// Each window's element added to all places of the window: the derivative of ``SumPool``.
///
/// - Shapes: [samples, windows down, windows across, channels] → [samples, height, width, channels].
/// - Derivative: `∂C/∂x` is the sum of `g` over each window.
/// - Order: sums run through the windows row by row.
/// - Throws: ``ShapeError`` if the windows are not those of height and width.
public struct SumPoolSpread: Op {
  public static let name = "sum-pool-spread"
  public static let derivative = "∂C/∂x is the sum of g over each window"
  /// The windows.
  public let window: Window
  /// The size of the result.
  public let height, width: Int

  /// Makes the op.
  public init(_ window: Window, height: Int, width: Int) {
    (self.window, self.height, self.width) = (window, height, width)
  }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0]
    guard x.shape.rank == 4 else {
      throw ShapeError(
        name, [x.shape], "the input needs four axes: samples, windows down and across, channels")
    }
    return try window.input(self, x, height: height, width: width, channels: x.shape[3])
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try point.adjoint.sumPooled(window)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let channels = result.shape[3]
    var y = Numbers<R>(result.shape, repeating: 0)
    window.forEach(result.shape) { position, _, place in
      for c in 0..<channels {
        y.values[place * channels + c] += inputs[0].values[position * channels + c]
      }
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.sumSpread, window) }
}
