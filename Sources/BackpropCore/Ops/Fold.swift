/// Windows added up where they overlap: each place of the result is the sum of the windows' elements that cover it.
///
/// A transposed convolution is a matrix product and this. What falls on padding is dropped.
///
/// - Shapes: [samples, windows down, windows across, places · channels] → [samples, height, width, channels].
/// - Derivative: `∂C/∂x` is the unfolding of `g`.
/// - Order: sums run through the windows row by row.
/// - Throws: ``ShapeError`` if the windows are not those of height and width, or their last size is no multiple of the
///   places of a window.
public struct Fold: Op {
  public static let name = "fold"
  public static let derivative = "∂C/∂x is the unfolding of g"
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
    try window.check(self, x.shape)
    guard x.shape.rank == 4, x.shape[3] % window.count == 0 else {
      throw ShapeError(
        name, [x.shape],
        "the input needs four axes, the last a multiple of the \(window.count) places of a window")
    }
    return try window.input(
      self, x, height: height, width: width, channels: x.shape[3] / window.count)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try point.adjoint.unfolded(window)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let channels = result.shape[3]
    var y = Numbers<R>(result.shape, repeating: 0)
    window.forEach(result.shape) { position, number, place in
      let start = (position * window.count + number) * channels
      for c in 0..<channels { y.values[place * channels + c] += inputs[0].values[start + c] }
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.fold, window) }
}

extension Value {
  /// These windows added up where they overlap: see ``Fold``.
  public func folded(_ window: Window, height: Int, width: Int) throws -> Value {
    try apply(Fold(window, height: height, width: width))
  }
}
