/// The greatest element of each window, channel by channel; NaN if one of them is NaN. Padding takes no part.
///
/// - Shapes: [samples, height, width, channels] → [samples, windows down, windows across, channels].
/// - Derivative: `g` goes to the greatest element of its window; several equal ones share it equally.
/// - Throws: ``ShapeError`` if the input has not four axes, no window fits, or a window could lie in the padding alone.
public struct MaxPool: Op {
  public static let name = "max-pool"
  public static let derivative =
    "g goes to the greatest element of its window; several equal ones share it equally"
  /// The windows.
  public let window: Window

  /// Makes the op.
  public init(_ window: Window) { self.window = window }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0]
    let counts = try window.counts(self, x)
    try window.requireElements(self, x.shape)
    return ValueType([x.shape[0], counts.rows, counts.columns, x.shape[3]], x.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, y, g) = (point.inputs[0], point.output, point.adjoint)
    return [try x.builder.add(MaxPoolSpread(window), [x, y, g])]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let (x, channels) = (inputs[0], result.shape[3])
    var y = Numbers<R>(result.shape, repeating: -.infinity)
    window.forEach(x.shape) { position, _, place in
      for c in 0..<channels {
        let (top, new) = (y.values[position * channels + c], x.values[place * channels + c])
        if !top.isNaN, new.isNaN || new > top { y.values[position * channels + c] = new }
      }
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.max, window) }
}

extension Value {
  /// The greatest element of each window: see ``MaxPool``.
  public func maxPooled(_ window: Window) throws -> Value { try apply(MaxPool(window)) }
}

extension Window {
  /// Checks that every window has a place inside of an input.
  func requireElements(_ op: some Op, _ input: Shape) throws {
    for (axis, length) in [(rows, input[1]), (columns, input[2])] {
      let counts = axis.count(in: length)
      // Places inside come without gaps, so the first and the last window decide.
      guard !axis.places(of: 0, in: length).isEmpty,
        !axis.places(of: counts - 1, in: length).isEmpty
      else {
        throw ShapeError(
          op.name, [input],
          "a window of \(axis.span) with padding \(axis.before) and \(axis.after) lies in the padding alone; "
            + "expected padding below the window's size")
      }
    }
  }

  /// Checks a value that has one element for each window and channel of an input.
  func requireWindows(_ op: some Op, _ x: ValueType, _ others: [ValueType]) throws {
    let counts = try counts(op, x)
    let expected = ValueType([x.shape[0], counts.rows, counts.columns, x.shape[3]], x.scalarType)
    guard others.allSatisfy({ $0 == expected }) else {
      throw ShapeError(
        op.name, [x.shape] + others.map(\.shape), "expected \(expected) for each window")
    }
  }
}
