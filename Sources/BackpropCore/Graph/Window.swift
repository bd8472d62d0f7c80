/// How windows slide along one axis.
///
/// Window i covers the places `i·stride − before + j·dilation` for j from 0 to `size` − 1; places outside of the axis
/// belong to the padding.
public struct WindowAxis: Hashable, Sendable {
  /// The number of places in a window, at least 1.
  public var size: Int
  /// The distance from one window to the next, at least 1.
  public var stride: Int
  /// The distance between neighbouring places of a window, at least 1.
  public var dilation: Int
  /// Places of padding before and after the axis, at least 0.
  public var before, after: Int

  /// Makes an axis.
  public init(_ size: Int, stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0) {
    (self.size, self.stride, self.dilation) = (size, stride, dilation)
    (self.before, self.after) = (before, after)
  }

  /// From the first place of a window to the last, both included.
  public var span: Int { (size - 1) * dilation + 1 }

  /// The number of windows along an axis of a length: `⌊(length + before + after − span)/stride⌋ + 1`, or 0.
  public func count(in length: Int) -> Int {
    let room = length + before + after - span
    return room < 0 ? 0 : room / stride + 1
  }

  /// The places of a window that are inside an axis of a length, with their numbers in the window.
  func places(of window: Int, in length: Int) -> [(number: Int, place: Int)] {
    (0..<size).compactMap { number in
      let place = window * stride - before + number * dilation
      return (0..<length).contains(place) ? (number, place) : nil
    }
  }

  /// What is wrong with it; nil if nothing is.
  var fault: String? {
    // Bounds far above any use keep sizes of padded values countable.
    let most = 1 << 24
    for (name, value, least) in [
      ("window", size, 1), ("stride", stride, 1), ("dilation", dilation, 1), ("padding", before, 0),
      ("padding", after, 0),
    ] where value < least || value > most {
      return "the \(name) is \(value); expected \(least) to \(most)"
    }
    return nil
  }
}

/// Windows that slide over the two middle axes of a value [samples, height, width, channels].
public struct Window: Hashable, Sendable {
  /// Along the height.
  public var rows: WindowAxis
  /// Along the width.
  public var columns: WindowAxis

  /// Makes windows.
  public init(_ rows: WindowAxis, _ columns: WindowAxis) {
    (self.rows, self.columns) = (rows, columns)
  }

  /// The number of places in a window.
  public var count: Int { rows.size * columns.size }

  /// Checks an input [samples, height, width, channels] and gives the numbers of windows along height and width.
  func counts(_ op: some Op, _ x: ValueType) throws -> (rows: Int, columns: Int) {
    try op.requireReal([x])
    guard x.shape.rank == 4 else {
      throw ShapeError(
        op.name, [x.shape], "the input needs four axes: samples, height, width and channels")
    }
    try check(op, x.shape)
    let counts = (rows.count(in: x.shape[1]), columns.count(in: x.shape[2]))
    guard counts.0 >= 1, counts.1 >= 1 else {
      throw ShapeError(
        op.name, [x.shape],
        "a window of \(rows.span)×\(columns.span) does not fit into \(x.shape[1])×\(x.shape[2]), padded "
          + "\(x.shape[1] + rows.before + rows.after)×\(x.shape[2] + columns.before + columns.after)"
      )
    }
    guard
      Shape.count(of: [x.shape[0], counts.0, counts.1, rows.size, columns.size, x.shape[3]]) != nil
    else {
      throw ShapeError(op.name, [x.shape], "the windows hold more elements than can be counted")
    }
    return counts
  }

  /// Checks the numbers of the windows themselves.
  func check(_ op: some Op, _ shape: Shape) throws {
    if let fault = rows.fault ?? columns.fault { throw ShapeError(op.name, [shape], fault) }
  }

  /// Checks that `windows` has one entry for each window over an input of a height and width, with the input's
  /// samples; gives the type of that input with some channels.
  func input(
    _ op: some Op, _ windows: ValueType, height: Int, width: Int, channels: Int
  ) throws -> ValueType {
    guard height >= 1, width >= 1 else {
      throw ShapeError(
        op.name, [windows.shape], "height \(height) and width \(width); expected at least 1")
    }
    let counts = try counts(
      op, ValueType([windows.shape[0], height, width, channels], windows.scalarType))
    guard windows.shape[1] == counts.rows, windows.shape[2] == counts.columns else {
      throw ShapeError(
        op.name, [windows.shape],
        "\(height)×\(width) has \(counts.rows)×\(counts.columns) windows, not \(windows.shape[1])×\(windows.shape[2])"
      )
    }
    return ValueType([windows.shape[0], height, width, channels], windows.scalarType)
  }

  /// Runs through all windows over an input in order, and through the places of each that are inside.
  ///
  /// - Parameter body: gets the position of the window among all windows of all samples, the number of the place in
  ///   the window, and the position of the place among all places of the input.
  func forEach(_ input: Shape, _ body: (_ window: Int, _ number: Int, _ place: Int) -> Void) {
    let (height, width) = (input[1], input[2])
    let down = (0..<rows.count(in: height)).map { rows.places(of: $0, in: height) }
    let across = (0..<columns.count(in: width)).map { columns.places(of: $0, in: width) }
    var window = 0
    for sample in 0..<input[0] {
      for ys in down {
        for xs in across {
          for y in ys {
            for x in xs {
              body(
                window, y.number * columns.size + x.number,
                (sample * height + y.place) * width + x.place)
            }
          }
          window += 1
        }
      }
    }
  }
}

/// What is done with the windows over a value: the kernels of one family.
public enum WindowMove: String, Hashable, Sendable {
  /// See ``Unfold``.
  case unfold
  /// See ``Fold``.
  case fold
  /// See ``MaxPool``.
  case max
  /// See ``MaxPoolSpread``.
  case maxSpread = "max-spread"
  /// See ``MaxPoolPick``.
  case maxPick = "max-pick"
  /// See ``SumPool``.
  case sum
  /// See ``SumPoolSpread``.
  case sumSpread = "sum-spread"
}
