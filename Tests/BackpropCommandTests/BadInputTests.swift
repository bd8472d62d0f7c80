import Foundation
import Testing

import Backprop
import BackpropCore

/// Files and folders that somebody else made: the command ends with one line, soon, and takes no more
/// than it is given.
@Suite struct BadInputTests {
  /// A small run of iris in `runs/iris-1`.
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    let run = try place.run(["train", "iris", "--epochs", "1", "--quiet"])
    try #require(run.code == 0, "\(run.errors)")
    return place
  }

  private func expect(
    _ place: Workplace, _ arguments: [String], _ error: String, exactly: Bool = true
  ) throws {
    let run = try place.run(arguments)
    #expect(run.code == 1)
    #expect(run.errors.filter(\.isNewline).count == 1, "\(run.errors)")
    let expected = "backprop: error: \(error)"
    #expect(
      exactly ? run.errors == "\(expected)\n" : run.errors.hasPrefix(expected), "\(run.errors)")
  }

  @Test func aRunThatLeavesItsFolderIsRefused() throws {
    let place = try workplace()
    let run = "runs/iris-1"
    for (name, command) in [
      ("model.safetensors", "evaluate"), ("model.json", "show"), ("metrics.jsonl", "show"),
      ("run.json", "evaluate"),
    ] {
      let path = "\(place.path)/\(run)/\(name)"
      try FileManager.default.moveItem(atPath: path, toPath: "\(place.path)/\(name)")
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "../../\(name)")
      try expect(
        place, [command, run], "cannot read \(run)/\(name): it is a link to ", exactly: false)
      try FileManager.default.removeItem(atPath: path)
      try #require(mkfifo(path, 0o600) == 0)
      try expect(
        place, [command, run],
        "cannot read \(run)/\(name): it is a pipe or a device, not a file")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try expect(place, [command, run], "cannot read \(run)/\(name): Is a directory")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: "\(place.path)/\(name)", toPath: path)
    }
    #expect(try place.run(["evaluate", run]).code == 0)
  }

  @Test func aTerminalIsNotWrittenToByAFile() throws {
    let place = try workplace()
    for name in ["run.json", "model.json"] {
      let text = try place.text("runs/iris-1/\(name)")
      let changed = text.replacing("\"setosa\"", with: "\"a\\u001b[2J\\u009b\\nb\"")
        .replacing("\"adam", with: "\"\\u001b]0;title\\u0007adam")
      try place.write("runs/iris-1/\(name)", Array(changed.utf8))
    }
    for arguments in [["show", "runs/iris-1"], ["evaluate", "runs/iris-1"], ["runs"]] {
      let run = try place.run(arguments)
      let control = run.output.unicodeScalars.filter {
        $0.properties.generalCategory == .control && $0 != "\n"
      }
      #expect(control.isEmpty, "\(arguments)")
    }
    #expect(try place.run(["show", "runs/iris-1"]).output.contains("a\\u{1B}[2J\\u{009B}\\nb"))
  }

  /// Parts of arrays in their order are cut by the fractions that a run names.
  @Test(arguments: ["1e300", "-0.5", "0", "1", "1e-320"])
  func fractionsThatAreNoneAreRefused(fraction: String) throws {
    let place = try Workplace()
    let x = Tensor((0..<80).map { Float($0 % 7) }, shape: [40, 2])
    let arrays = try NPZ.encode(
      ["x": x, "y": Tensor((0..<40).map { Int32($0 % 2) })], name: "a.npz")
    try place.write("a.npz", arrays)
    let train = ["train", "a.npz", "--no-shuffle", "--epochs", "1", "--quiet", "--output", "r"]
    try #require(place.run(train).code == 0)
    let text = try place.text("r/run.json")
    try #require(text.contains("\"validation\": 0.1"))
    let changed = text.replacing("\"validation\": 0.1", with: "\"validation\": \(fraction)")
    try place.write("r/run.json", Array(changed.utf8))
    // Of a fraction above 0, however small, there is one sample.
    if fraction == "1e-320" {
      #expect(try place.run(["evaluate", "r"]).code == 0)
    } else {
      try expect(place, ["evaluate", "r"], "a.npz: fractions ", exactly: false)
    }
  }

  /// `plan` and `explain` take settings from a run.
  @Test(arguments: [
    ("batch_size", "-8", 2_147_483_647), ("batch_size", "9223372036854775807", 2_147_483_647),
    ("threads", "0", 1024), ("threads", "9223372036854775807", 1024),
  ]) func settingsThatAreNoneAreRefused(name: String, value: String, limit: Int) throws {
    let place = try workplace()
    let text = try place.text("runs/iris-1/run.json")
    let start = try #require(text.range(of: "\"\(name)\": "))
    let rest = text[start.upperBound...].drop(while: \.isNumber)
    try place.write(
      "runs/iris-1/run.json", Array((text[..<start.upperBound] + value + rest).utf8))
    for command in ["plan", "explain"] {
      try expect(
        place, [command, "runs/iris-1"],
        "runs/iris-1/run.json: 'settings.\(name)': expected a whole number from 1 to \(limit), "
          + "found \(value)")
    }
    try expect(
      place, ["train", "xor", "--threads", "9223372036854775807"],
      "threads is 9223372036854775807; expected 1 to 1024")
  }

  /// Finite in the file, and not in the float32 of a scaling.
  @Test func numbersBeyondFloat32AreToldWithTheirColumn() throws {
    let place = try Workplace()
    let small = Tensor((0..<80).map { Double($0 % 7) }, shape: [40, 2])
    let large = Tensor((0..<80).map { $0 % 2 == 0 ? 1.0 : 1e300 }, shape: [40, 2])
    for (name, x, y, error) in [
      ("x.npz", large, small, "column 1: inputs"), ("y.npz", small, large, "column 1: targets"),
    ] {
      try place.write(name, NPZ.encode(["x": x, "y": y], name: name))
      try expect(
        place, ["train", name], "\(name): \(error) are too large: their mean is beyond float32")
    }
  }

  @Test(arguments: [
    (String(repeating: "[", count: 5000), "c.yaml: line 1: not YAML: "),
    (String(repeating: "- ", count: 5000), "c.yaml: line 1: not YAML: "),
    (String(repeating: "? ", count: 5000), "c.yaml: line 1: not YAML: "),
    ("&a [*a]", "c.yaml: line 1: not YAML: found undefined alias"),
    (
      "a: &a [x, y]\nb: [" + String(repeating: " *a,", count: 17) + "]",
      "c.yaml: line 2: expected at most 16 aliases, found more"
    ),
    (
      "a: &a [\(String(repeating: "1234567, ", count: 2000))]\nb: *a",
      "c.yaml: expected at most 8192 bytes of YAML with aliases, found 18"
    ),
    (
      "data: \(String(repeating: "x", count: 1 << 20))",
      "cannot read c.yaml: it has more than the 1048576 bytes that are allowed"
    ),
    ("data: iris\n\"data\": xor", "c.yaml: line 1: data stands there a second time"),
    (
      "data: --output=elsewhere", "c.yaml: line 1: 'data': expected a name or a file, found '--outp"
    ),
    ("data: ['-q']", "c.yaml: line 1: 'data': expected one value, found a list"),
    ("network: [dropout: .nan]", "c.yaml:1:11: layer 1 'dropout': rate: expected "),
    ("network: [dropout: 1e999]", "c.yaml:1:11: layer 1 'dropout': rate: expected "),
    ("network: [dense: 99999999999999999999]", "c.yaml:1:11: layer 1 'dense': units: expected "),
    ("epochs: 9223372036854775808", "c.yaml: line 1: The value '9223372036854775808' is invalid"),
    ("learning-rate: .inf", "c.yaml: line 1: "),
    ("network: [\"a\\e[2J\"]", "c.yaml:1:11: layer 1: expected the kind of a layer"),
    ("\"a\\e[2J\\n\": 1", "c.yaml: line 1: unknown setting 'a\\u{1B}[2J\\n'; known: "),
  ]) func configurationsThatAreNone(text: String, error: String) throws {
    let place = try Workplace()
    try place.write("c.yaml", Array(text.utf8))
    try expect(place, ["train", "xor", "--config", "c.yaml"], error, exactly: false)
    #expect(place.contents == ["c.yaml"])
  }

  /// A key of a mapping is compared with the others, and one of copies of copies of copies would be
  /// compared for hours.
  @Test(.timeLimit(.minutes(1))) func keysOfAliasesAreFew() throws {
    var text = "- &a0 [x, x, x]\n"
    for level in 1...5 { text += "- &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
    text += "- ? *a5\n  : 1\n"
    let place = try Workplace()
    try place.write("n.yaml", Array(text.utf8))
    try expect(place, ["train", "xor", "--network", "n.yaml"], "n.yaml:", exactly: false)
  }

  /// As deep as the limits allow: sixteen anchors, each of 260 lists around the one before.
  @Test func deepAliasesOverflowNoStack() throws {
    var text = "- &a0 x\n"
    for level in 1...15 {
      text +=
        "- &a\(level) \(String(repeating: "[", count: 260))*a\(level - 1)"
        + "\(String(repeating: "]", count: 260))\n"
    }
    text += "- {? *a15 : 1}\n"
    let place = try Workplace()
    try place.write("n.yaml", Array(text.utf8))
    try expect(place, ["train", "xor", "--network", "n.yaml"], "n.yaml:", exactly: false)
  }

  @Test func configurationsThatAreNoText() throws {
    let place = try Workplace()
    try expect(
      place, ["train", "xor", "--config", "/dev/zero"],
      "cannot read /dev/zero: it is a device, not a file")
    let bytes: [UInt8] = [0x64, 0x61, 0xff]
    try place.write("c.yaml", bytes)
    try expect(
      place, ["train", "xor", "--config", "c.yaml"],
      "c.yaml: expected text in UTF-8, found other bytes")
  }
}
