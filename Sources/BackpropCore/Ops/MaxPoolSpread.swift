/// The derivative of ``MaxPool``: each window's element of a value goes to the places of its greatest element.
///
/// `y[place] = Σ over windows with x[place] = m[window] of v[window] / (number of places with x = m in the window)`.
///
/// - Shapes: x [samples, height, width, channels], its maxima m and v, both [samples, windows down, windows across,
///   channels] → the shape of x.
/// - Derivative: `∂C/∂v` is `g` picked where x is greatest; none for x and m.
/// - Order: sums run through the windows row by row.
/// - Throws: ``ShapeError`` if m or v has not one element for each window.
public struct MaxPoolSpread: Op {
  public static let name = "max-pool-spread"
  public static let derivative = "∂C/∂v is g picked where x is greatest; none for x and m"
  /// The windows.
  public let window: Window

  /// Makes the op.
  public init(_ window: Window) { self.window = window }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try window.requireWindows(self, inputs[0], Array(inputs[1...]))
    return inputs[0]
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, m) = (point.inputs[0], point.inputs[1])
    return [nil, nil, try x.builder.add(MaxPoolPick(window), [x, m, point.adjoint])]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    var y = Numbers<R>(result.shape, repeating: 0)
    window.forEachTop(inputs[0], inputs[1]) { windowElement, element, count in
      y.values[element] += inputs[2].values[windowElement] / count
    }
    return y
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .window(.maxSpread, window) }
}

extension Window {
  /// Runs through the elements that are as great as their window's maximum.
  ///
  /// - Parameter body: gets the positions of the window's element and of the element, and how many in the window are
  ///   as great.
  func forEachTop<R: RealNumber>(
    _ x: Numbers<R>, _ maxima: Numbers<R>,
    _ body: (_ window: Int, _ element: Int, _ count: R) -> Void
  ) {
    let channels = x.shape[3]
    var counts = [R](repeating: 0, count: maxima.values.count)
    func forEachEqual(_ visit: (Int, Int) -> Void) {
      forEach(x.shape) { position, _, place in
        for c in 0..<channels {
          let (window, element) = (position * channels + c, place * channels + c)
          if x.values[element] == maxima.values[window] { visit(window, element) }
        }
      }
    }
    forEachEqual { window, _ in counts[window] += 1 }
    forEachEqual { window, element in body(window, element, counts[window]) }
  }
}
