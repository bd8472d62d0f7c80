import Testing

@testable import Backprop
import BackpropCore

/// `model.json` that is damaged, contradicts itself, or asks for more than there is.
@Suite struct ModelDescriptionTests {
  private static let members: [(String, String)] = [
    ("format", "\"backprop-model\""), ("format_version", "1"), ("library_version", "\"0.1.0\""),
    ("network", "\"3-2 identity\""), ("bias", "\"unit\""), ("freeze_biases", "false"),
    ("loss", "\"softmax-cross-entropy\""), ("precision", "\"float32\""),
    ("input", "{\"kind\": \"float\", \"shape\": [3]}"),
    ("target", "{\"kind\": \"classes\", \"count\": 2}"), ("scaling", "null"),
    ("target_scaling", "null"), ("class_names", "null"), ("preprocessing", "null"),
  ]

  /// The text with other values for some members.
  private static func text(_ changes: [(String, String)]) -> String {
    let lines = members.map { name, value in
      "\"\(name)\": \(changes.last { $0.0 == name }?.1 ?? value)"
    }
    return "{\(lines.joined(separator: ",\n"))}"
  }

  private static func read(_ bytes: [UInt8]) throws -> Model {
    let description = try ModelDescription(bytes, file: "m/model.json", layers: .standard)
    return try Model(description, in: "m") { Safetensors.encode([:]) }
  }

  private static let values = ("target", "{\"kind\": \"values\", \"shape\": [2]}")
  private static let error = ("loss", "\"squared-error\"")

  /// What is changed, and what is said of it.
  struct Case: Sendable {
    let changes: [(String, String)]
    let error: String

    init(_ error: String, _ changes: (String, String)...) {
      (self.changes, self.error) = (changes, error)
    }
  }

  private static let shape: String =
    "'input.shape': expected a list of whole numbers of at least 1, with a product of at most 2^31, "
    + "found an array of 2"
  private static let fit: String =
    "'network': expected layers that fit each other, the cost and this machine, found "

  private static let cases: [Case] = [
    Case(
      "'target_scaling': expected null, as 'target' is classes, found an object",
      ("target_scaling", #"{"offset": [0], "scale": [1]}"#)),
    Case(
      "'target_scaling': expected 1 or 2 numbers, found 3", values, error,
      ("target_scaling", #"{"offset": [0, 0, 0], "scale": [1, 1, 1]}"#)),
    Case(
      "'class_names': expected null, as 'target' is values, found 2 names", values, error,
      ("class_names", #"["a", "b"]"#)),
    Case(
      "'input.below': expected a whole number from 1 to 2^31, found 2147483649",
      ("input", #"{"kind": "index", "shape": [3], "below": 2147483649}"#)),
    Case(shape, ("input", #"{"kind": "float", "shape": [65536, 65536]}"#)),
    Case(shape, ("input", #"{"kind": "float", "shape": [9223372036854775807, 2]}"#)),
    // No parameters at all: nothing in the other file would stop it.
    Case(
      "'target.count': expected a whole number of at least 1, at most 1048576, found 1073741824",
      ("network", #"["relu"]"#), ("input", #"{"kind": "float", "shape": [1073741824]}"#),
      ("target", #"{"kind": "classes", "count": 1073741824}"#)),
    Case(
      "'scaling.offset': expected a list of finite numbers, found an array of 1",
      ("scaling", #"{"offset": [1e39], "scale": [1]}"#)),
    Case(
      "line 11, column 24: expected a JSON value, found 'N'",
      ("scaling", #"{"offset": [NaN], "scale": [1]}"#)),
    Case("line 5, column 9: expected a number of 64 bits, found '1e999'", ("bias", "1e999")),
    Case(
      "line 5, column 15: expected names that differ, found 'bias' again",
      ("bias", #"null, "bias": null"#)),
    Case(
      "line 4, column 75: expected at most 64 levels of nesting, found another level",
      ("network", String(repeating: "[", count: 100))),
    Case(
      "'network': expected a resolved network, as in '4-8-3 relu identity', found "
        + "'3-1099511627776-2 relu identity': network '3-1099511627776-2 relu identity': "
        + "'1099511627776' is not a size; expected whole numbers of at least 1 with - between, "
        + "as in 784-30-10",
      ("network", #""3-1099511627776-2 relu identity""#)),
    Case(
      fit + "network '3-2147483648-2147483648-2 relu identity': more weights than the 2^40 that "
        + "are allowed", ("network", #""3-2147483648-2147483648-2 relu identity""#)),
    Case(
      "line 4, column 46: expected a string without control characters, found '\\u{1B}'",
      ("network", "[{\"dense\": {\"units\": 2, \"name\": \"a\u{1b}\"}}]")),
  ]

  @Test(arguments: cases) func whatMakesNoSenseIsToldWithItsPlace(_ wrong: Case) {
    let text = Self.text(wrong.changes)
    #expect(message { _ = try Self.read(Array(text.utf8)) } == "m/model.json: \(wrong.error)")
  }

  @Test func everyCutIsAnError() {
    let bytes = Array(Self.text([]).utf8)
    for count in bytes.indices {
      let found = message { _ = try Self.read(Array(bytes.prefix(count))) } ?? ""
      #expect(found.hasPrefix("m/model.json: line "), "\(count): \(found)")
    }
    // The whole is good, and asks for its parameters.
    #expect(
      message { _ = try Self.read(bytes) }
        == "m/model.safetensors: tensor 'output.weight': expected float32 [3, 2], found nothing")
  }

  @Test func otherBytesThanTextAreAnError() {
    var bytes = Array(Self.text([("class_names", "[\"aa\", \"b\"]")]).utf8)
    if let place = bytes.firstIndex(of: UInt8(ascii: "a")) { bytes[place] = 0xff }
    #expect(
      message { _ = try Self.read(bytes) }
        == "m/model.json: line 1, column 2: expected UTF-8 text, found other bytes")
  }

  /// Training may leave them, so a file may hold them; nothing of them may look like a result.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func parametersThatAreNotFiniteGiveSuchPredictions(number: Float) throws {
    let description = try ModelDescription(
      Array(Self.text([]).utf8), file: "m/model.json", layers: .standard)
    let model = try Model(description, in: "m") {
      Safetensors.encode([
        "output.weight": Tensor([Float](repeating: number, count: 6), shape: [3, 2]),
        "output.bias": Tensor([0, 0] as [Float]),
      ])
    }
    let inputs = Tensor([1, 2, 3, 1, 1, 1] as [Float], shape: [2, 3])
    let outputs = try model.predict(inputs).array(of: Float.self)
    #expect(outputs.allSatisfy { !$0.isFinite })
    let data = try Dataset(name: "d", inputs: inputs, targets: Tensor([0, 1] as [Int32]))
    let result = try model.evaluate(on: data)
    #expect(!result.loss.isFinite && result.logLoss == nil && result.rocAUC == nil)
  }
}
