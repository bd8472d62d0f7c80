public import BackpropCore

/// The file format of MNIST: one array of numbers, plain or packed with gzip.
///
/// ```
/// 00 00 type rank | size of each axis, 4 bytes each, big-endian | elements, big-endian, row by row
/// ```
///
/// Types 08 (uint8), 0c (int32) and 0d (float32) are read. The reader is strict: a header may not
/// promise more than the file can hold, and nothing may stand behind the last element.
///
/// - Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section
///   "File formats".
public enum IDX {
  /// The elements of a file may not be larger than this many bytes, unpacked, unless the reader is
  /// told otherwise: 4 GiB.
  public static let sizeLimit = 1 << 32

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` if the file cannot be read, ``FormatError`` if it is not a complete
  ///   IDX file.
  public static func read(_ path: String) throws -> Tensor {
    try decode(FileIO.read(path), name: path)
  }

  /// Reads a file's bytes; `name` stands for the file in errors.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes, plain or gzip.
  ///   - name: what errors call the file.
  ///   - sizeLimit: the most bytes that the elements may have. Gzip packs up to 1032 times,
  ///     so a small file can ask for much memory; more than this is refused before anything is
  ///     unpacked.
  public static func decode(
    _ bytes: [UInt8], name: String, sizeLimit: Int = IDX.sizeLimit
  ) throws(FormatError) -> Tensor {
    var content = ContentReader(bytes, name: name)
    let (type, rank) = try kind(&content)
    let shape = try shape(rank: rank, type: type, &content)
    let size = shape.count * type.size
    guard size <= sizeLimit else {
      throw FormatError(
        content.name, .byte(4), expected: "at most \(sizeLimit) bytes of elements, unpacked",
        found: "\(size)")
    }
    let start = content.offset
    let elements = try content.read(size)
    guard elements.count == size else {
      throw FormatError(
        content.name, .byte(start + elements.count), expected: "\(size) bytes of elements",
        found: "the end after \(elements.count)")
    }
    guard try content.read(1).isEmpty else {
      throw FormatError(
        content.name, .byte(start + size), expected: "the end, after \(size) bytes of elements",
        found: "more bytes")
    }
    return tensor(elements, shape, type)
  }

  /// The type and number of axes, from the first four bytes.
  private static func kind(_ content: inout ContentReader) throws(FormatError) -> (ScalarType, Int)
  {
    let magic = Array(try content.read(4))
    guard magic.count == 4, magic[0] == 0, magic[1] == 0 else {
      let found = magic.isEmpty ? "an empty file" : FormatError.hexadecimal(magic)
      throw FormatError(
        content.name, .byte(0), expected: "an IDX file (00 00, type, number of axes)", found: found)
    }
    let type: ScalarType
    switch magic[2] {
    case 0x08: type = .uint8
    case 0x0c: type = .int32
    case 0x0d: type = .float32
    default:
      throw FormatError(
        content.name, .byte(2), expected: "type 08 (uint8), 0c (int32) or 0d (float32)",
        found: FormatError.hexadecimal([magic[2]]))
    }
    guard (1...8).contains(magic[3]) else {
      throw FormatError(content.name, .byte(3), expected: "1 to 8 axes", found: "\(magic[3])")
    }
    return (type, Int(magic[3]))
  }

  /// The sizes of the axes, checked against what the file can hold before anything is allocated.
  private static func shape(
    rank: Int, type: ScalarType, _ content: inout ContentReader
  ) throws(FormatError) -> Shape {
    let bytes = Array(try content.read(4 * rank))
    guard bytes.count == 4 * rank else {
      throw FormatError(
        content.name, .byte(4 + bytes.count), expected: "the sizes of \(rank) axes",
        found: "the end")
    }
    let sizes = (0..<rank).map { Int(word(bytes[(4 * $0)...])) }
    let largest = content.capacity
    guard let size = Shape.byteCount(sizes, type), size <= largest else {
      let shape = sizes.map(String.init).joined(separator: " × ")
      throw FormatError(
        content.name, .byte(4),
        expected: "sizes that fit the file, which holds at most \(largest) more bytes",
        found: "\(shape) \(type) elements")
    }
    return Shape(sizes)
  }

  private static func tensor(
    _ elements: ArraySlice<UInt8>, _ shape: Shape, _ type: ScalarType
  ) -> Tensor {
    guard type.size == 4 else { return Tensor(bytes: elements, shape: shape, scalarType: type) }
    var swapped = elements
    for start in stride(from: swapped.startIndex, to: swapped.endIndex, by: 4) {
      swapped.swapAt(start, start + 3)
      swapped.swapAt(start + 1, start + 2)
    }
    return Tensor(bytes: swapped, shape: shape, scalarType: type)
  }

  /// Four bytes, the highest first.
  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension Shape {
  /// The bytes of a tensor whose sizes come from a file; nil if a size is negative or a product of
  /// sizes, in any order and with zeros left out, is beyond 64 bits.
  static func byteCount(_ sizes: [Int], _ type: ScalarType) -> Int? {
    var product = type.size
    for size in sizes {
      guard size >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(1, size))
      guard !overflow else { return nil }
      product = next
    }
    return sizes.contains(0) ? 0 : product
  }
}
