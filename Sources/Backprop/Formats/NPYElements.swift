import BackpropCore

/// The elements of an NPY file on their way to a tensor.
struct NPYElements {
  private let header: NPYHeader
  private let name: String
  /// In row-major order, each with its lowest byte first.
  private var bytes: ArraySlice<UInt8>

  /// Takes the elements that stand behind a header.
  init(_ header: NPYHeader, _ file: [UInt8], name: String) {
    self.header = header
    self.name = name
    bytes = file[header.end...]
    if header.isBigEndian { swapBytes() }
    if header.isFortranOrder && header.shape.rank > 1 { reorder() }
  }

  /// The elements as the nearest type that a tensor has.
  func tensor() throws(FormatError) -> Tensor {
    switch header.type {
    case .f4: return Tensor(bytes: bytes, shape: header.shape, scalarType: .float32)
    case .f8: return Tensor(bytes: bytes, shape: header.shape, scalarType: .float64)
    case .i4: return Tensor(bytes: bytes, shape: header.shape, scalarType: .int32)
    case .u1: return Tensor(bytes: bytes, shape: header.shape, scalarType: .uint8)
    case .b1:
      if let index = bytes.firstIndex(where: { $0 > 1 }) {
        let place = index - bytes.startIndex
        throw error(at: place, expected: "0 or 1 for a bool", found: "\(bytes[index])")
      }
      return Tensor(bytes: bytes, shape: header.shape, scalarType: .bool)
    case .i1: return try integers(Int8.self)
    case .i2: return try integers(Int16.self)
    case .u2: return try integers(UInt16.self)
    case .u4: return try integers(UInt32.self)
    case .i8: return try integers(Int64.self)
    case .u8: return try integers(UInt64.self)
    }
  }

  /// Whole numbers as int32.
  private func integers<T: FixedWidthInteger>(_: T.Type) throws(FormatError) -> Tensor {
    let size = header.type.size
    var numbers: [Int32] = []
    numbers.reserveCapacity(header.shape.count)
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: size) {
      var bits: UInt64 = 0
      for byte in 0..<size { bits |= UInt64(bytes[start + byte]) << UInt64(8 * byte) }
      let number = T(truncatingIfNeeded: bits)
      guard let fitting = Int32(exactly: number) else {
        throw error(
          at: numbers.count, expected: "\(header.type.rawValue) numbers that fit int32",
          found: "\(number)")
      }
      numbers.append(fitting)
    }
    return Tensor(numbers, shape: header.shape)
  }

  /// Turns every element's bytes around.
  private mutating func swapBytes() {
    let size = header.type.size
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: size) {
      for byte in 0..<(size / 2) { bytes.swapAt(start + byte, start + size - 1 - byte) }
    }
  }

  /// Puts elements that stand with the first axis innermost into row-major order.
  private mutating func reorder() {
    let size = header.type.size, sizes = header.shape.sizes
    // The distance, in bytes of the file, between neighbours along each axis.
    var strides: [Int] = []
    var distance = size
    for axis in sizes.indices {
      strides.append(distance)
      distance *= sizes[axis]
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = [Int](repeating: 0, count: sizes.count)
    var source = bytes.startIndex
    while result.count < bytes.count {
      for byte in 0..<size { result.append(bytes[source + byte]) }
      // The next index in row-major order: the last axis first.
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < sizes[axis] { break }
        source -= strides[axis] * sizes[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    bytes = result[...]
  }

  /// An error about the element that is the `place`th in row-major order.
  private func error(at place: Int, expected: String, found: String) -> FormatError {
    let index = zip(header.shape.sizes, header.shape.strides).map { place / $1 % $0 }
    return FormatError(
      name, .entry("element [\(index.map(String.init).joined(separator: ", "))]"),
      expected: expected, found: found)
  }
}
