/// An array of numbers with a shape: a value that can be copied and sent freely.
///
/// Elements are contiguous in row-major order. A copy shares memory until one of the two is written to.
///
/// ```swift
/// let x = Tensor([0.05, 0.10] as [Float], shape: [1, 2])
/// x.shape            // [1, 2]
/// x.array(of: Double.self)
/// ```
public struct Tensor: Sendable {
  /// The sizes of the axes.
  public let shape: Shape
  /// The type of the elements.
  public let scalarType: ScalarType
  package private(set) var storage: Storage
  package let byteOffset: Int

  /// Wraps memory that holds `shape.count` elements from `byteOffset` on.
  package init(shape: Shape, scalarType: ScalarType, storage: Storage, byteOffset: Int = 0) {
    precondition(byteOffset + shape.count * scalarType.size <= storage.byteCount)
    self.shape = shape
    self.scalarType = scalarType
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// A tensor of zeros (`false` for booleans).
  ///
  /// `bfloat16` is reserved and cannot be made yet: asking for it is a programmer's mistake.
  public init(zeros shape: Shape, scalarType: ScalarType = .float32) {
    precondition(scalarType != .bfloat16, "bfloat16 tensors do not exist yet")
    self.init(
      shape: shape, scalarType: scalarType, storage: Storage(byteCount: shape.count * scalarType.size))
  }

  /// A tensor with the given elements, in row-major order.
  ///
  /// - Parameters:
  ///   - elements: `shape.count` numbers; another count is a programmer's mistake.
  ///   - shape: the sizes; without it, a vector.
  public init<T: TensorScalar>(_ elements: [T], shape: Shape? = nil) {
    let shape = shape ?? [elements.count]
    precondition(shape.count == elements.count, "\(elements.count) elements cannot fill \(shape)")
    self.init(zeros: shape, scalarType: T.scalarType)
    elements.withUnsafeBytes { source in
      guard let first = source.baseAddress else { return }
      storage.address.copyMemory(from: first, byteCount: source.count)
    }
  }

  /// A tensor of another scalar type with the nearest numbers.
  public init<T: TensorScalar>(_ elements: [T], shape: Shape? = nil, as scalarType: ScalarType) {
    switch scalarType {
    case .float32: self.init(elements.map { Float($0.asDouble) }, shape: shape)
    case .float64: self.init(elements.map(\.asDouble), shape: shape)
    case .int32: self.init(elements.map { Int32.nearest($0.asDouble) }, shape: shape)
    case .uint8: self.init(elements.map { UInt8.nearest($0.asDouble) }, shape: shape)
    case .bool: self.init(elements.map { Bool.nearest($0.asDouble) }, shape: shape)
    case .bfloat16: preconditionFailure("bfloat16 tensors do not exist yet")
    }
  }

  /// The elements in row-major order, each as the nearest number of type `T`.
  public func array<T: TensorScalar>(of type: T.Type = T.self) -> [T] {
    func read<S: TensorScalar>(_: S.Type) -> [T] {
      let source = UnsafeBufferPointer(start: storage.pointer(to: S.self, at: byteOffset), count: shape.count)
      if let same = source as? UnsafeBufferPointer<T> { return Array(same) }
      return source.map { T.nearest($0.asDouble) }
    }
    return switch scalarType {
    case .float32: read(Float.self)
    case .float64: read(Double.self)
    case .int32: read(Int32.self)
    case .uint8: read(UInt8.self)
    case .bool: read(Bool.self)
    case .bfloat16: preconditionFailure("bfloat16 tensors do not exist yet")
    }
  }

  /// The one element of a tensor that has just one.
  public var scalar: Double {
    precondition(shape.count == 1, "\(shape) has \(shape.count) elements, not one")
    return array(of: Double.self)[0]
  }

  /// The same elements in another shape of the same count.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == self.shape.count, "\(self.shape) cannot become \(shape)")
    return Tensor(shape: shape, scalarType: scalarType, storage: storage, byteOffset: byteOffset)
  }

  /// The same numbers as another scalar type.
  public func converted(to scalarType: ScalarType) -> Tensor {
    scalarType == self.scalarType ? self : Tensor(array(of: Double.self), shape: shape, as: scalarType)
  }

  /// Reads the bytes of the elements.
  package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeRawBufferPointer(start: storage.address + byteOffset, count: shape.count * scalarType.size))
    }
  }

  /// Writes to the bytes of the elements, which are copied first if another tensor shares them.
  package mutating func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
    return try body(UnsafeMutableRawBufferPointer(
      start: storage.address + byteOffset, count: shape.count * scalarType.size))
  }
}

extension Tensor: Equatable {
  /// Whether shapes, types and elements are equal, as `==` of the elements' type has it (so a NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape, a.scalarType == b.scalarType else { return false }
    return a.array(of: Double.self) == b.array(of: Double.self)
  }
}
