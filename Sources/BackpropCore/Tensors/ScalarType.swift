/// The type of a tensor's elements.
public enum ScalarType: String, Hashable, Sendable, CaseIterable {
  case float32, float64, int32, uint8, bool
  /// Reserved: no tensor of this type can be made yet.
  case bfloat16

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// Whether elements are real numbers, and so whether derivatives exist.
  public var isReal: Bool { self == .float32 || self == .float64 || self == .bfloat16 }
}

/// A Swift type that a tensor can hold.
public protocol TensorScalar: Sendable {
  /// The scalar type of tensors of this type.
  static var scalarType: ScalarType { get }
  /// The number as a Double: exact for every type; true is 1.
  var asDouble: Double { get }
  /// The nearest number of this type. Integers truncate towards zero and saturate; NaN gives 0.
  static func nearest(_ value: Double) -> Self
}

extension Float: TensorScalar {
  public static var scalarType: ScalarType { .float32 }
  public var asDouble: Double { Double(self) }
  public static func nearest(_ value: Double) -> Float { Float(value) }
}
extension Double: TensorScalar {
  public static var scalarType: ScalarType { .float64 }
  public var asDouble: Double { self }
  public static func nearest(_ value: Double) -> Double { value }
}
extension Int32: TensorScalar {
  public static var scalarType: ScalarType { .int32 }
  public var asDouble: Double { Double(self) }
  public static func nearest(_ value: Double) -> Int32 { saturated(value) }
}
extension UInt8: TensorScalar {
  public static var scalarType: ScalarType { .uint8 }
  public var asDouble: Double { Double(self) }
  public static func nearest(_ value: Double) -> UInt8 { saturated(value) }
}
extension Bool: TensorScalar {
  public static var scalarType: ScalarType { .bool }
  public var asDouble: Double { self ? 1 : 0 }
  public static func nearest(_ value: Double) -> Bool { value != 0 }
}

extension FixedWidthInteger {
  fileprivate static func nanSafe(_ value: Double) -> Double { value.isNaN ? 0 : value }
  fileprivate static func saturated(_ value: Double) -> Self {
    let value = nanSafe(value)
    if value <= Double(Self.min) { return .min }
    if value >= Double(Self.max) { return .max }
    return Self(value)
  }
}
