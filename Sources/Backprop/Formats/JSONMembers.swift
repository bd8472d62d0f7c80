/// Reads the members of a JSON object strictly: each once, of the right kind, and none left over.
package struct JSONMembers {
  private let file: String
  private let path: String
  private let members: [JSONValue.Member]
  private var read: Set<String> = []

  /// Starts to read an object.
  ///
  /// - Parameters:
  ///   - file: the file, for errors.
  ///   - path: where the object stands in it, as in `input`; empty for the whole.
  /// - Throws: ``FormatError`` if the value is no object.
  package init(_ value: JSONValue, file: String, path: String = "") throws(FormatError) {
    (self.file, self.path) = (file, path)
    guard let members = value.members else {
      throw FormatError(
        file, path.isEmpty ? .file : .entry(path), expected: "a JSON object", found: value.kind)
    }
    self.members = members
  }

  /// A member that must be there, converted; `expected` says what it should be, as in `a text`.
  package mutating func required<T>(
    _ name: String, _ expected: String, _ convert: (JSONValue) -> T?
  ) throws(FormatError) -> T {
    read.insert(name)
    guard let value = members.first(where: { $0.name == name })?.value else {
      throw FormatError(file, place(name), expected: expected, found: "nothing")
    }
    guard let converted = convert(value) else {
      throw FormatError(file, place(name), expected: expected, found: value.kind)
    }
    return converted
  }

  /// A member that may be absent or null.
  package mutating func optional<T>(
    _ name: String, _ expected: String, _ convert: (JSONValue) -> T?
  ) throws(FormatError) -> T? {
    read.insert(name)
    guard let value = members.first(where: { $0.name == name })?.value, value != .null else {
      return nil
    }
    return try required(name, expected, convert)
  }

  /// An object within this one, which must be there.
  package mutating func object(_ name: String) throws(FormatError) -> JSONMembers {
    let value = try required(name, "a JSON object") { $0 }
    return try JSONMembers(value, file: file, path: full(name))
  }

  /// An object within this one, which may be absent or null.
  package mutating func optionalObject(_ name: String) throws(FormatError) -> JSONMembers? {
    guard let value = try optional(name, "a JSON object", { $0 }) else { return nil }
    return try JSONMembers(value, file: file, path: full(name))
  }

  /// Reads `format` and `format_version`, which must be these.
  package mutating func checkFormat(_ format: String, version: Int) throws(FormatError) {
    _ = try required("format", "'\(format)'") { $0.string == format ? true : nil }
    _ = try required("format_version", "\(version), the version that this library reads") {
      $0.integer == version ? true : nil
    }
  }

  /// Checks that every member was asked for.
  package func finish() throws(FormatError) {
    for member in members where !read.contains(member.name) {
      let known = read.sorted().joined(separator: ", ")
      throw FormatError(
        file, place(member.name), expected: "one of the members \(known)", found: "another")
    }
  }

  /// An error about a member.
  package func error(_ name: String, expected: String, found: String) -> FormatError {
    FormatError(file, place(name), expected: expected, found: found)
  }

  private func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private func place(_ name: String) -> FormatError.Place {
    .entry(FormatError.quoted(full(name)))
  }
}

extension JSONValue {
  /// This value in an error: short text, or what it is.
  package var kind: String {
    switch self {
    case .array(let elements): "an array of \(elements.count)"
    case .object: "an object"
    case .string(let text): FormatError.quoted(text)
    default: text()
    }
  }

  /// Whole numbers from 0 up, or nil.
  package var counts: [Int]? {
    guard let elements else { return nil }
    let numbers = elements.compactMap { $0.integer.flatMap { $0 >= 0 ? $0 : nil } }
    return numbers.count == elements.count ? numbers : nil
  }

  /// Texts, or nil.
  package var strings: [String]? {
    guard let elements else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }

  /// Finite float32 numbers, or nil.
  package var floats: [Float]? {
    guard let elements else { return nil }
    let numbers = elements.compactMap { $0.double.map { Float($0) } }
    return numbers.count == elements.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
  }
}
