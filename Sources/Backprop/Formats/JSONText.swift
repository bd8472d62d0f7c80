/// Strict JSON, read from bytes: errors have positions, and a name that comes twice in an object is
/// one.
///
/// Stricter than the standard where that protects: nesting is limited, numbers must fit 64-bit
/// integers or finite Doubles, and names that differ only in how accents are composed count as the
/// same.
///
/// - Source: RFC 8259, "The JavaScript Object Notation (JSON) Data Interchange Format" (2017).
package struct JSONText {
  /// What errors say about a place.
  package enum Positions {
    /// Offsets in bytes; the first byte of the text has this one.
    case bytes(from: Int)
    /// Lines and columns; the first line of the text has this number.
    case lines(from: Int)
  }

  /// How deep arrays and objects may stand in each other.
  package static let depthLimit = 64

  /// A file of JSON may not be longer than this many bytes: what is read takes some ten times as
  /// much memory.
  package static let sizeLimit = 1 << 28

  private let bytes: ArraySlice<UInt8>
  private let name: String
  private let positions: Positions
  private var index: Int
  private var depth = 0

  private init(_ bytes: ArraySlice<UInt8>, _ name: String, _ positions: Positions) {
    self.bytes = bytes
    self.name = name
    self.positions = positions
    index = bytes.startIndex
  }

  /// Reads one value and nothing else; `name` stands for the file in errors.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, name: String, positions: Positions = .lines(from: 1)
  ) throws(FormatError) -> JSONValue {
    var text = JSONText(bytes, name, positions)
    let value = try text.value()
    text.skipSpace()
    guard text.next == nil else { throw text.wrong("the end of the JSON text") }
    return value
  }

  private var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      index += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let byte = next, UInt32(byte) == character.value else { return false }
    index += 1
    return true
  }

  private mutating func value() throws(FormatError) -> JSONValue {
    skipSpace()
    switch next.map({ Unicode.Scalar($0) }) {
    case "{": return try nested { text throws(FormatError) in try text.object() }
    case "[": return try nested { text throws(FormatError) in try text.array() }
    case "\"": return .string(try string())
    case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": return try number()
    default: break
    }
    for (word, value) in Self.words where bytes[index...].starts(with: word) {
      index += word.count
      return value
    }
    throw wrong("a JSON value")
  }

  private static let words: [([UInt8], JSONValue)] = [
    (Array("true".utf8), true), (Array("false".utf8), false), (Array("null".utf8), .null),
  ]

  private mutating func nested(
    _ body: (inout JSONText) throws(FormatError) -> JSONValue
  ) throws(FormatError) -> JSONValue {
    guard depth < Self.depthLimit else {
      throw wrong("at most \(Self.depthLimit) levels of nesting", found: "another level")
    }
    depth += 1
    index += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func array() throws(FormatError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if skip("]") { return .array([]) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw wrong("',' or ']'") }
    return .array(elements)
  }

  private mutating func object() throws(FormatError) -> JSONValue {
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    skipSpace()
    if skip("}") { return .object([]) }
    repeat {
      skipSpace()
      let start = index
      guard next == 0x22 else { throw wrong("a name in quotes") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw wrong("names that differ", found: "\(FormatError.quoted(name)) again", at: start)
      }
      skipSpace()
      guard skip(":") else { throw wrong("':'") }
      members.append(JSONValue.Member(name, try value()))
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw wrong("',' or '}'") }
    return .object(members)
  }

  private mutating func number() throws(FormatError) -> JSONValue {
    let start = index
    let isNegative = skip("-")
    let whole = try digits()
    if whole.count > 1, whole.first == 0x30 {
      throw wrong("a number without leading zeros", found: "a leading 0", at: start)
    }
    var isInteger = true
    if skip(".") {
      isInteger = false
      _ = try digits()
    }
    if skip("e") || skip("E") {
      isInteger = false
      _ = skip("+") || skip("-")
      _ = try digits()
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger, isNegative, whole.elementsEqual([0x30]) { return .number(-0.0) }
    if isInteger {
      guard let number = Int(text) else {
        throw wrong("a whole number of 64 bits", found: FormatError.quoted(text), at: start)
      }
      return .integer(number)
    }
    guard let number = Double(text), number.isFinite else {
      throw wrong("a number of 64 bits", found: FormatError.quoted(text), at: start)
    }
    return .number(number)
  }

  private mutating func digits() throws(FormatError) -> ArraySlice<UInt8> {
    let start = index
    while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    guard index > start else { throw wrong("a digit") }
    return bytes[start..<index]
  }

  private mutating func string() throws(FormatError) -> String {
    let start = index
    var text: [UInt8] = []
    index += 1
    while let byte = next, byte != 0x22 {
      guard byte >= 0x20 else { throw wrong("a string without control characters") }
      index += 1
      if byte == 0x5c {
        text += try escape()
      } else {
        text.append(byte)
      }
    }
    guard skip("\"") else { throw wrong("'\"'") }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw wrong("UTF-8 text", found: "other bytes", at: start)
    }
    return string
  }

  /// The UTF-8 bytes of what follows a backslash.
  private mutating func escape() throws(FormatError) -> [UInt8] {
    let start = index - 1
    guard let byte = next else { throw wrong("an escape") }
    index += 1
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": return [byte]
    case "b": return [0x08]
    case "f": return [0x0c]
    case "n": return [0x0a]
    case "r": return [0x0d]
    case "t": return [0x09]
    case "u": break
    default: throw wrong("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", at: start)
    }
    var code = try hexadecimal()
    if (0xd800..<0xdc00).contains(code), skip("\\"), skip("u") {
      let low = try hexadecimal()
      guard (0xdc00..<0xe000).contains(low) else {
        throw wrong("a pair of surrogates", found: "half a pair", at: start)
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw wrong("a pair of surrogates", found: "half a pair", at: start)
    }
    return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func hexadecimal() throws(FormatError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw wrong("four hexadecimal digits")
      }
      index += 1
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  /// The error that something else stands at a place: where the reader is, unless told otherwise.
  private func wrong(_ expected: String, found: String? = nil, at place: Int? = nil) -> FormatError
  {
    let place = place ?? index
    let position: FormatError.Place
    switch positions {
    case .bytes(let first):
      position = .byte(first + place - bytes.startIndex)
    case .lines(let first):
      let before = bytes[..<place]
      let line = before.reduce(first) { $1 == 0x0a ? $0 + 1 : $0 }
      let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? before.startIndex
      position = .line(line, column: place - start + 1)
    }
    let here = bytes[place...].first.map { FormatError.quoted(String(Unicode.Scalar($0))) }
    return FormatError(name, position, expected: expected, found: found ?? here ?? "the end")
  }
}
