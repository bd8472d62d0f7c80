import Testing

import Backprop
import BackpropCore

@Suite struct JSONTextTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONText.parse(Array(text.utf8)[...], name: "a.json")
  }

  @Test func readsEveryKindOfValue() throws {
    let value = try parse(
      """
       {"a": [1, -2, 0, 2.5, -1e-3, 1E+2, -0], "b": {"c": null, "d": true, "e": false},
        "": "\\u00e9\\ud83d\\ude00 \\"\\\\\\/\\b\\f\\n\\r\\tδ", "f": [], "g": {}}\t
      """)
    #expect(value["a"] == [1, -2, 0, 2.5, -0.001, 100.0, -0.0])
    #expect(value["b"] == ["c": .null, "d": true, "e": false])
    #expect(value[""]?.string == "é😀 \"\\/\u{8}\u{c}\n\r\tδ")
    #expect(value["f"] == [])
    #expect(value["g"] == .object([]))
    #expect(value["h"] == nil)
    #expect(value.members?.map(\.name) == ["a", "b", "", "f", "g"])
    #expect(try parse("9223372036854775807").integer == .max)
    #expect(try parse("-9223372036854775808").integer == .min)
    #expect(try parse("3").double == 3)
    // Swift's == for Doubles does not tell -0 from 0.
    #expect(try parse("-0").double?.sign == .minus)
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected a JSON value, found the end"),
    ("[1\n 2]", "line 2, column 2: expected ',' or ']', found '2'"),
    ("[1,]", "line 1, column 4: expected a JSON value, found ']'"),
    ("{\"a\" 1}", "line 1, column 6: expected ':', found '1'"),
    ("{\"a\": 1,}", "line 1, column 9: expected a name in quotes, found '}'"),
    ("{\"a\": 1 \"b\"", "line 1, column 9: expected ',' or '}', found '\"'"),
    ("{\"a\": 1,\n\n \"a\": 2}", "line 3, column 2: expected names that differ, found 'a' again"),
    (
      "{\"\u{e9}\": 1, \"e\\u0301\": 2}",
      "line 1, column 11: expected names that differ, found 'e\u{301}' again"
    ),
    ("1 2", "line 1, column 3: expected the end of the JSON text, found '2'"),
    ("01", "line 1, column 1: expected a number without leading zeros, found a leading 0"),
    ("-", "line 1, column 2: expected a digit, found the end"),
    ("1.", "line 1, column 3: expected a digit, found the end"),
    ("1e+", "line 1, column 4: expected a digit, found the end"),
    (".5", "line 1, column 1: expected a JSON value, found '.'"),
    ("+1", "line 1, column 1: expected a JSON value, found '+'"),
    ("NaN", "line 1, column 1: expected a JSON value, found 'N'"),
    (
      "9223372036854775808",
      "line 1, column 1: expected a whole number of 64 bits, found '9223372036854775808'"
    ),
    ("1e999", "line 1, column 1: expected a number of 64 bits, found '1e999'"),
    ("\"a", "line 1, column 3: expected '\"', found the end"),
    (
      "\"a\u{1}\"",
      "line 1, column 3: expected a string without control characters, found '\\u{01}'"
    ),
    (
      "\"\\x\"",
      "line 1, column 2: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u, found '\\'"
    ),
    ("\"\\u12g4\"", "line 1, column 6: expected four hexadecimal digits, found 'g'"),
    ("\"\\ud800\"", "line 1, column 2: expected a pair of surrogates, found half a pair"),
    ("\"\\udc00\"", "line 1, column 2: expected a pair of surrogates, found half a pair"),
    ("\"\\ud800\\u0041\"", "line 1, column 2: expected a pair of surrogates, found half a pair"),
    ("\"\\", "line 1, column 3: expected an escape, found the end"),
  ])
  func saysWhatIsWrong(_ text: String, _ expected: String) {
    #expect(message { _ = try parse(text) } == "a.json: " + expected)
  }

  @Test func refusesOtherBytesThanUTF8() {
    #expect(
      message { _ = try JSONText.parse([0x22, 0xff, 0x22], name: "a", positions: .bytes(from: 8)) }
        == "a: byte 8: expected UTF-8 text, found other bytes")
  }

  @Test func limitsNesting() throws {
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try parse(deepest).elements?.count == 1)
    #expect(
      message { _ = try parse("[" + deepest + "]") }
        == "a.json: line 1, column 65: expected at most 64 levels of nesting, found another level")
  }

  @Test func writesCompactAndPretty() throws {
    let value: JSONValue = [
      "name": "δ\n\u{7f}", "sizes": [784, 30], "layers": [["rate": 0.1], .object([])], "none": [],
      "cost": .number(.nan),
    ]
    #expect(
      value.text()
        == #"{"name":"δ\n\u007f","sizes":[784,30],"layers":[{"rate":0.1},{}],"none":[],"cost":null}"#
    )
    #expect(
      value.text(pretty: true)
        == #"""
        {
          "name": "δ\n\u007f",
          "sizes": [784, 30],
          "layers": [
            {
              "rate": 0.1
            },
            {}
          ],
          "none": [],
          "cost": null
        }
        """#)
    #expect(try parse(value.text(pretty: true)).text() == value.text())
  }

  @Test func numbersComeBackBitForBit() throws {
    let key = RandomKey(7)
    for index in 0..<4000 {
      let words = key.block(UInt64(index))
      let double = Double(bitPattern: UInt64(words[0]) << 32 | UInt64(words[1]))
      if double.isFinite {
        #expect(try parse(JSONValue.number(double).text()).double?.bitPattern == double.bitPattern)
      }
      let float = Float(bitPattern: words[2])
      if float.isFinite {
        let text = JSONValue(float).text()
        #expect(Float(try parse(text).double ?? .nan).bitPattern == float.bitPattern)
        #expect(text == float.description || float.magnitude >= 0x1p24 || float.magnitude < 1e-4)
      }
      let integer = Int(truncatingIfNeeded: UInt64(words[2]) << 32 | UInt64(words[3]))
      #expect(try parse(JSONValue.integer(integer).text()).integer == integer)
    }
  }
}
