import BackpropCore

/// What stands before the elements of an NPY file.
struct NPYHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The type of the elements in the file.
  enum ElementType: String, CaseIterable {
    case f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1

    /// Bytes an element.
    var size: Int { Int(rawValue.utf8.last! - 0x30) }
  }

  let type: ElementType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  /// The sizes of the axes; their product is known to be the number of elements that the file has.
  let shape: Shape
  /// Where the elements begin.
  let end: Int

  /// Reads the header and holds it against the size of the file.
  init(_ bytes: [UInt8], name: String) throws(FormatError) {
    let range = try Self.range(bytes, name)
    var literal = NPYLiteral(bytes[range], name: name)
    let fields = try literal.fields()
    let (type, isBigEndian) = try Self.type(fields.type, name)
    let (sizes, place) = fields.sizes
    guard sizes.count <= NPY.axisLimit else {
      throw FormatError(
        name, .byte(place), expected: "at most \(NPY.axisLimit) axes", found: "\(sizes.count)")
    }
    let rest = bytes.count - range.upperBound
    guard let size = Self.byteCount(sizes, type) else {
      throw FormatError(
        name, .byte(place), expected: "a shape whose bytes can be counted",
        found: "(\(sizes.map(String.init).joined(separator: ", ")))")
    }
    guard size == rest else {
      throw FormatError(
        name, .byte(range.upperBound),
        expected: "\(size) bytes of elements, for \(type.rawValue) \(Shape(sizes))",
        found: "\(rest)")
    }
    (self.type, self.isBigEndian) = (type, isBigEndian)
    isFortranOrder = fields.isFortranOrder
    shape = Shape(sizes)
    end = range.upperBound
  }

  /// Where the dictionary stands.
  private static func range(_ bytes: [UInt8], _ name: String) throws(FormatError) -> Range<Int> {
    guard bytes.starts(with: magic) else {
      let found = FormatError.hexadecimal(bytes.prefix(magic.count))
      throw FormatError(
        name, .byte(0), expected: "an NPY file (93 4e 55 4d 50 59)",
        found: bytes.isEmpty ? "an empty file" : found)
    }
    let version = Array(bytes[6...].prefix(2))
    guard version.count == 2, (1...3).contains(version[0]), version[1] == 0 else {
      throw FormatError(
        name, .byte(6), expected: "version 1.0, 2.0 or 3.0",
        found: version.count == 2 ? "\(version[0]).\(version[1])" : "the end")
    }
    let start = version[0] == 1 ? 10 : 12
    guard bytes.count >= start else {
      throw FormatError(
        name, .byte(8), expected: "the length of the header in \(start - 8) bytes",
        found: "a file of \(bytes.count) bytes")
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NPY.headerLimit else {
      throw FormatError(
        name, .byte(8), expected: "a header of at most \(NPY.headerLimit) bytes",
        found: "\(length)")
    }
    guard length <= bytes.count - start else {
      throw FormatError(
        name, .byte(8), expected: "a header within the \(bytes.count - start) bytes that follow",
        found: "a length of \(length)")
    }
    return start..<(start + length)
  }

  /// The element type and byte order that a code such as `<f4` stands for.
  private static func type(
    _ code: (text: String, place: Int), _ name: String
  ) throws(FormatError) -> (ElementType, isBigEndian: Bool) {
    let order = code.text.first
    let type = ElementType(rawValue: String(code.text.dropFirst()))
    if let type, order == "<" || order == ">" || (order == "|" && type.size == 1) {
      return (type, order == ">")
    }
    let kinds = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    throw FormatError(
      name, .byte(code.place), expected: "a type of \(kinds), with < or > (| if of one byte)",
      found: FormatError.quoted(code.text) + remark(code.text))
  }

  /// What is said about types that are often seen.
  private static func remark(_ code: String) -> String {
    switch code.drop(while: { "<>|=".contains($0) }) {
    case "f2": " (float16; convert it with .astype('float32'))"
    case "O": " (Python objects, which are never read; convert them with .astype)"
    case "c8", "c16": " (complex numbers)"
    case let kind where kind.first == "U" || kind.first == "S": " (texts)"
    case let kind where kind.first == "M" || kind.first == "m": " (times)"
    default: ""
    }
  }

  /// The bytes of the elements in the file; nil where they are too many to be counted, even as
  /// float64.
  private static func byteCount(_ sizes: [Int], _ type: ElementType) -> Int? {
    // As the type of the largest elements, so that no tensor made of these sizes overflows.
    guard let size = Shape.byteCount(sizes, .float64) else { return nil }
    return size / ScalarType.float64.size * type.size
  }
}
