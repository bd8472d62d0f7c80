public import BackpropCore

/// A height and a width, counted in places of an image.
///
/// `3` stands for 3×3, `[3, 5]` for a height of 3 and a width of 5.
public struct ImageSize: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Along the second axis of [batch, height, width, channels].
  public var height: Int
  /// Along the third.
  public var width: Int

  /// Makes a size.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }

  /// The same height and width.
  public init(integerLiteral side: Int) { self.init(side, side) }

  /// Height and width.
  public init(arrayLiteral sides: Int...) {
    precondition(sides.count == 2, "a size is [height, width]")
    self.init(sides[0], sides[1])
  }

  public var description: String { height == width ? "\(height)" : "[\(height), \(width)]" }
}

/// What stands around an image where windows reach beyond it.
public enum Padding: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// So many places above and below, left and right.
  case places(ImageSize)
  /// As many as it takes for ⌈length / stride⌉ windows along each axis; where they are odd, one more behind.
  case same

  /// No padding.
  public static let none = Padding.places(0)

  /// The same number of places on every side.
  public init(integerLiteral places: Int) { self = .places(ImageSize(places, places)) }

  public var description: String {
    switch self {
    case .places(let size): size.description
    case .same: "same"
    }
  }
}

/// How windows slide over an image: what convolution and pooling have in common.
struct Sliding: Hashable {
  var size: ImageSize
  var stride: ImageSize = 1
  var dilation: ImageSize = 1
  var padding: Padding = .none

  /// The windows over an image of a height and width.
  func window(over image: Shape) -> Window {
    let (rows, columns) = (
      axis(size.height, stride.height, dilation.height, \.height, length: image[1]),
      axis(size.width, stride.width, dilation.width, \.width, length: image[2])
    )
    return Window(rows, columns)
  }

  private func axis(
    _ size: Int, _ stride: Int, _ dilation: Int, _ side: KeyPath<ImageSize, Int>, length: Int
  ) -> WindowAxis {
    var axis = WindowAxis(size, stride: stride, dilation: dilation)
    switch padding {
    case .places(let places):
      (axis.before, axis.after) = (places[keyPath: side], places[keyPath: side])
    // Sizes out of range are the op's to report.
    case .same
    where size >= 1 && stride >= 1 && dilation >= 1 && size < 1 << 24 && dilation < 1 << 24:
      let windows = (length + stride - 1) / stride
      let missing = max((windows - 1) * stride + axis.span - length, 0)
      (axis.before, axis.after) = (missing / 2, missing - missing / 2)
    case .same: break
    }
    return axis
  }

  /// The same windows along a sequence, as an image of height 1.
  static func along(
    _ size: Int, stride: Int, dilation: Int = 1, padding: SequencePadding
  ) -> Sliding {
    let around: Padding =
      switch padding {
      case .places(let places): .places([0, places])
      case .same: .same
      }
    return Sliding(
      size: [1, size], stride: [1, stride], dilation: [1, dilation], padding: around)
  }
}

/// What stands before and behind a sequence where windows reach beyond it.
public enum SequencePadding: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// So many places before and behind.
  case places(Int)
  /// As many as it takes for ⌈length / stride⌉ windows; where they are odd, one more behind.
  case same

  /// No padding.
  public static let none = SequencePadding.places(0)

  /// The same number of places before and behind.
  public init(integerLiteral places: Int) { self = .places(places) }
}

extension Value {
  /// Checks that a layer's input is an image, [batch, height, width, channels].
  func requireImage(_ layer: String) throws {
    guard shape.rank == 4 else {
      throw ShapeError(
        layer, [shape],
        "the input needs four axes: batch, height, width and channels; reshape: [height, width, channels] makes them"
      )
    }
  }

  /// A sequence [batch, time, features] as an image of height 1, put through a function and made a sequence again.
  func asImage(_ layer: String, _ body: (Value) throws -> Value) throws -> Value {
    guard shape.rank == 3 else {
      throw ShapeError(layer, [shape], "the input needs three axes: batch, time and features")
    }
    let image = try body(reshaped(to: [shape[0], 1, shape[1], shape[2]]))
    return try image.reshaped(to: [image.shape[0], image.shape[2], image.shape[3]])
  }
}
