/// Reads the Python literal of an NPY header: one dictionary of three known keys, no expression.
///
/// ```
/// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
/// ```
///
/// Keys may stand in any order, texts in ' or ", and spaces and line ends between all parts.
struct NPYLiteral {
  /// The three values, those that errors name with their places.
  struct Fields {
    let type: (text: String, place: Int)
    let isFortranOrder: Bool
    let sizes: (values: [Int], place: Int)
  }

  private static let keys = ["descr", "fortran_order", "shape"]
  private let bytes: ArraySlice<UInt8>
  private let name: String
  private var offset: Int

  /// Starts at the first of the bytes, whose indices are their places in the file.
  init(_ bytes: ArraySlice<UInt8>, name: String) {
    self.bytes = bytes
    self.name = name
    offset = bytes.startIndex
  }

  /// Reads the dictionary and all behind it.
  mutating func fields() throws(FormatError) -> Fields {
    var type: (text: String, place: Int)?
    var isFortranOrder: Bool?
    var sizes: (values: [Int], place: Int)?
    try take("{", "the header's dictionary, which begins with '{'")
    while !skips("}") {
      let start = offset
      let key = try text("a key in quotes, or '}'")
      try take(":", "':' after the key")
      skipSpace()
      let place = offset
      switch key {
      case "descr" where type == nil: type = (try typeCode(), place)
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where sizes == nil: sizes = (try tuple(), place)
      case let key where Self.keys.contains(key):
        throw error("keys that differ", at: start, found: "\(FormatError.quoted(key)) again")
      default:
        throw error(
          "the keys 'descr', 'fortran_order' and 'shape'", at: start,
          found: FormatError.quoted(key))
      }
      if !skips(",") {
        try take("}", "',' or '}'")
        break
      }
    }
    skipSpace()
    guard offset == bytes.endIndex else { throw error("nothing but spaces behind the dictionary") }
    guard let type, let isFortranOrder, let sizes else {
      let missing = type == nil ? Self.keys[0] : isFortranOrder == nil ? Self.keys[1] : Self.keys[2]
      throw error(
        "the keys 'descr', 'fortran_order' and 'shape'", at: bytes.startIndex,
        found: "no '\(missing)'")
    }
    return Fields(type: type, isFortranOrder: isFortranOrder, sizes: sizes)
  }

  /// A text without escapes.
  private mutating func text(_ expected: String) throws(FormatError) -> String {
    skipSpace()
    guard let quote = bytes[offset...].first, quote == 0x27 || quote == 0x22 else {
      throw error(expected)
    }
    let start = offset + 1
    guard let end = bytes[start...].firstIndex(where: { $0 == quote || $0 == 0x5c || $0 < 0x20 }),
      bytes[end] == quote
    else { throw error("a text without escapes that ends on its line") }
    offset = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func typeCode() throws(FormatError) -> String {
    if bytes[offset...].first == 0x5b {
      throw error("one type for all elements", at: offset, found: "a list (a structured array)")
    }
    return try text("the type of the elements in quotes")
  }

  private mutating func boolean() throws(FormatError) -> Bool {
    for (text, value) in [("True", true), ("False", false)]
    where bytes[offset...].starts(with: text.utf8) {
      offset += text.utf8.count
      return value
    }
    throw error("True or False")
  }

  /// A tuple of whole numbers: `()`, `(2,)`, `(2, 3)`; without a comma it would be no tuple.
  private mutating func tuple() throws(FormatError) -> [Int] {
    let start = offset
    try take("(", "a shape such as (2, 3)")
    var numbers: [Int] = []
    var hasComma = true
    while !skips(")") {
      guard hasComma else { throw error("',' or ')'") }
      numbers.append(try number())
      hasComma = skips(",")
    }
    guard numbers.count != 1 || hasComma else {
      throw error("a tuple such as (\(numbers[0]),)", at: start, found: "(\(numbers[0]))")
    }
    return numbers
  }

  private mutating func number() throws(FormatError) -> Int {
    skipSpace()
    let digits = bytes[offset...].prefix { (0x30...0x39).contains($0) }
    let text = String(decoding: digits, as: UTF8.self)
    guard !digits.isEmpty, digits.count == 1 || digits.first != 0x30 else {
      throw error("a size from 0 up, or ')'")
    }
    guard let number = Int(text) else {
      throw error("a size of 63 bits", at: offset, found: FormatError.quoted(text))
    }
    offset = digits.endIndex
    return number
  }

  /// Steps over white space and then one byte, which must be this one.
  private mutating func take(_ character: Unicode.Scalar, _ expected: String) throws(FormatError) {
    guard skips(character) else { throw error(expected) }
  }

  /// Steps over white space, and over one byte behind it if it is this one.
  private mutating func skips(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard bytes[offset...].first == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    offset =
      bytes[offset...].firstIndex { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
      ?? bytes.endIndex
  }

  /// An error about what stands at a place, by default here.
  private func error(_ expected: String, at place: Int? = nil, found: String? = nil) -> FormatError
  {
    let rest = bytes[offset...].prefix { $0 != 0x0a }.prefix(20)
    let here = String(decoding: rest, as: UTF8.self)
    return FormatError(
      name, .byte(place ?? offset), expected: expected,
      found: found ?? (rest.isEmpty ? "the end of the header" : FormatError.quoted(here)))
  }
}
