import Testing

@testable import Backprop
import BackpropCore

@Suite struct FieldValueTests {
  private func value(_ text: String, decimalComma: Bool = false) -> FieldValue {
    Array(text.utf8).withUnsafeBufferPointer { FieldValue($0, decimalComma: decimalComma) }
  }

  @Test(arguments: [
    "0", "-0", "+5", "007", "5.", ".5", "-1.5e-3", "1E+2", "1e22", "1e23", "123456789012345678",
    "9007199254740993", "0.1", "0.30000000000000004", "1.7976931348623157e308", "4.9e-324",
    "1e-400", "0e999", "3.14159265358979323846264338327950288", "100000000000000000000000000000",
    "0.000000000000000000000000000001", "8.5e-22",
  ])
  func numbersAreTheNearestDoubles(_ text: String) throws {
    let expected = try #require(Double(text))
    #expect(value(text) == .number(expected))
  }

  @Test func randomNumbersAreReadToTheBit() {
    let key = RandomKey(3)
    for index in 0..<5000 {
      let words = key.block(UInt64(index))
      let double = Double(bitPattern: UInt64(words[0]) << 32 | UInt64(words[1]))
      let decimal = Double(Int32(bitPattern: words[2])) / [1, 10, 1000, 1e6][Int(words[3] % 4)]
      for number in [double, decimal] where number.isFinite {
        #expect(value("\(number)") == .number(number))
      }
    }
  }

  @Test(arguments: [
    "a", "1a", "1,234", "1.2.3", "1e", "1e+", "-", "+", ".", "e5", "--1", "0x10", "1 2", "1_000",
    "١",
    "none", "5%", "$5",
  ])
  func textIsNoNumber(_ text: String) { #expect(value(text) == .text) }

  @Test(arguments: ["", "NA", "na", "N/A", "NaN", "nan", "null", "NULL", "?"])
  func someWordsMeanMissing(_ text: String) { #expect(value(text) == .missing) }

  @Test(arguments: ["inf", "-Inf", "+infinity", "Infinity", "1e999", "-1e309"])
  func infinityIsNoNumber(_ text: String) { #expect(value(text) == .infinite) }

  @Test func aCommaIsAPointOnlyWhereItMayBe() {
    #expect(value("1,5", decimalComma: true) == .number(1.5))
    #expect(value("1.5", decimalComma: true) == .number(1.5))
    #expect(value("3,14159265358979323846", decimalComma: true) == .number(3.14159265358979323846))
    #expect(value("1.234,5", decimalComma: true) == .text)
    #expect(value("1,234,5", decimalComma: true) == .text)
  }
}
