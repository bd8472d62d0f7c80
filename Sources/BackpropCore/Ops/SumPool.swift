/// The sum of each window, channel by channel. Padding counts as 0.
///
/// - Shapes: [samples, height, width, channels] → [samples, windows down, windows across, channels].
/// - Derivative: `∂C/∂x` at a place is the sum of `g` over the windows that cover it.
/// - Order: sums run through the places of a window row by row.
/// - Throws: ``ShapeError`` if the input has not four axes or no window fits.
public struct SumPool: Op {
  public static let name = "sum-pool"
  public static let derivative = "∂C/∂x at a place is the sum of g over the windows that cover it"
  /// The windows.
  public let window: Window

  /// Makes the op.
  public init(_ window: Window) { self.window = window }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0]
    let counts = try window.counts(self, x)
    return ValueType([x.shape[0], counts.rows, counts.columns, x.shape[3]], x.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let x = point.inputs[0].shape
    return [try point.adjoint.apply(SumPoolSpread(window, height: x[1], width: x[2]))]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let channels = result.shape[3]
    var y = Numbers<R>(result.shape, repeating: 0)
    window.forEach(inputs[0].shape) { position, _, place in
      for c in 0..<channels {
        y.values[position * channels + c] += inputs[0].values[place * channels + c]
      }
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.sum, window) }
}

extension Value {
  /// The sum of each window: see ``SumPool``.
  public func sumPooled(_ window: Window) throws -> Value { try apply(SumPool(window)) }
}
