/// A JSON value. Objects keep the order of their members, so that what is written reads in the
/// order it was meant.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number without a fraction or exponent.
  case integer(Int)
  /// A number with a fraction or exponent. One that is not finite is written as null: JSON has
  /// none.
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// Members in order; no name comes twice.
  case object([Member])

  /// A name with its value.
  package struct Member: Hashable, Sendable {
    package let name: String
    package let value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// A float32 number: its shortest decimals, not those of the Double it would become.
  package init(_ value: Float) {
    self = .number(value.isFinite ? Double(value.description) ?? Double(value) : Double(value))
  }

  /// The value of a member; nil if there is none, or this is no object. Looks through all members.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The members of an object, or nil.
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  /// The elements of an array, or nil.
  package var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
  /// The text of a string, or nil.
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  /// A number without a fraction, or nil.
  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  /// A truth value, or nil.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// Any number, or nil. Integers beyond 2⁵³ become the nearest Double.
  package var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { Member($0.0, $0.1) })
  }
}
