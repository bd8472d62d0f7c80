public import BackpropCore

extension Safetensors {
  /// Reads a file's bytes; `name` stands for the file in errors.
  public static func decode(
    _ bytes: [UInt8], name: String
  ) throws(FormatError) -> (tensors: [String: Tensor], metadata: [String: String]) {
    let header = try headerBytes(bytes, name)
    let start = header.endIndex
    let members = try JSONText.parse(header, name: name, positions: .bytes(from: 8)).members ?? []
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for member in members {
      if member.name == metadataName {
        metadata = try texts(member.value, name)
      } else {
        entries.append(try Entry(member, name))
      }
    }
    try check(entries, fill: bytes.count - start, name)

    var tensors: [String: Tensor] = [:]
    for entry in entries {
      let data = bytes[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)]
      if entry.type == .bool, let index = data.firstIndex(where: { $0 > 1 }) {
        throw FormatError(
          name, .byte(index), expected: "0 or 1 in \(entry.title)", found: "\(bytes[index])")
      }
      tensors[entry.name] = Tensor(bytes: data, shape: entry.shape, scalarType: entry.type)
    }
    return (tensors, metadata)
  }

  /// The header, which begins at byte 8.
  private static func headerBytes(
    _ bytes: [UInt8], _ name: String
  ) throws(FormatError) -> ArraySlice<UInt8> {
    guard bytes.count >= 8 else {
      throw FormatError(
        name, .byte(0), expected: "the length of the header in 8 bytes",
        found: "a file of \(bytes.count) bytes")
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(headerLimit) else {
      throw FormatError(
        name, .byte(0), expected: "a header of at most \(headerLimit) bytes", found: "\(length)")
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw FormatError(
        name, .byte(0), expected: "a header within the \(bytes.count - 8) bytes that follow",
        found: "a length of \(length)")
    }
    let header = bytes[8..<(8 + Int(length))]
    guard header.first == 0x7b else {
      let found = header.first.map { FormatError.quoted(String(Unicode.Scalar($0))) }
      throw FormatError(
        name, .byte(8), expected: "a header that begins with '{'", found: found ?? "none")
    }
    return header
  }

  private static func texts(
    _ value: JSONValue, _ name: String
  ) throws(FormatError) -> [String: String] {
    let place = FormatError.Place.entry(metadataName)
    guard let members = value.members else {
      throw FormatError(name, place, expected: "an object of strings", found: value.summary)
    }
    var texts: [String: String] = [:]
    for member in members {
      guard let text = member.value.string else {
        throw FormatError(
          name, place, expected: "a string for \(FormatError.quoted(member.name))",
          found: member.value.summary)
      }
      texts[member.name] = text
    }
    return texts
  }

  /// Data must be covered from its first to its last byte, by one tensor each.
  private static func check(
    _ entries: [Entry], fill size: Int, _ name: String
  ) throws(FormatError) {
    var end = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard entry.range.lowerBound == end else {
        throw FormatError(
          name, .entry(entry.title),
          expected: "data that begins at \(end), where the tensor before ends",
          found: "a beginning at \(entry.range.lowerBound)")
      }
      guard entry.range.upperBound <= size else {
        throw FormatError(
          name, .entry(entry.title), expected: "data within the file's \(size) bytes of data",
          found: "an end at \(entry.range.upperBound)")
      }
      end = entry.range.upperBound
    }
    guard end == size else {
      throw FormatError(
        name, .file, expected: "\(end) bytes of data, where the last tensor ends", found: "\(size)")
    }
  }
}

/// What the header says about a tensor.
private struct Entry {
  let name: String
  let type: ScalarType
  let shape: Shape
  /// The bytes of the data.
  let range: Range<Int>

  /// The tensor in an error.
  var title: String { Self.title(name) }

  private static func title(_ name: String) -> String { "tensor \(FormatError.quoted(name))" }

  init(_ member: JSONValue.Member, _ file: String) throws(FormatError) {
    name = member.name
    let place = FormatError.Place.entry(Self.title(member.name))
    let fields = member.value.members ?? []
    guard Set(fields.map(\.name)) == ["dtype", "shape", "data_offsets"] else {
      throw FormatError(
        file, place, expected: "an object of dtype, shape and data_offsets",
        found: member.value.members == nil
          ? member.value.summary
          : "an object of " + FormatError.quoted(fields.map(\.name).joined(separator: ", ")))
    }
    guard let type = member.value["dtype"]?.string.flatMap({ Safetensors.types[$0] }) else {
      throw FormatError(
        file, place, expected: "dtype F64, F32, I32, U8 or BOOL",
        found: member.value["dtype"]?.summary ?? "none")
    }
    let sizes = try Self.integers(member.value["shape"], "a shape of whole numbers", file, place)
    guard let size = Shape.byteCount(sizes, type) else {
      throw FormatError(
        file, place, expected: "a shape whose bytes can be counted",
        found: "[\(sizes.map(String.init).joined(separator: ", "))]")
    }
    let offsets = try Self.integers(
      member.value["data_offsets"], "data_offsets of two whole numbers", file, place)
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] - offsets[0] == size else {
      throw FormatError(
        file, place, expected: "data_offsets \(size) bytes apart, for \(type) \(Shape(sizes))",
        found: "[\(offsets.map(String.init).joined(separator: ", "))]")
    }
    self.type = type
    shape = Shape(sizes)
    range = offsets[0]..<offsets[1]
  }

  /// An array of numbers from 0 up.
  private static func integers(
    _ value: JSONValue?, _ expected: String, _ file: String, _ place: FormatError.Place
  ) throws(FormatError) -> [Int] {
    var integers: [Int] = []
    for element in value?.elements ?? [.null] {
      guard let integer = element.integer, integer >= 0 else {
        throw FormatError(file, place, expected: expected, found: value?.summary ?? "none")
      }
      integers.append(integer)
    }
    return integers
  }
}

extension JSONValue {
  /// This value in an error: its text, shortened.
  fileprivate var summary: String {
    switch self {
    case .array(let elements) where elements.count > 20: "an array of \(elements.count) elements"
    case .object: "an object"
    case .string(let text): FormatError.quoted(text)
    default: FormatError.quoted(text())
    }
  }
}
