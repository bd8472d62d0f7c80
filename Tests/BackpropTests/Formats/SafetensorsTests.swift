import Foundation
import Testing

import Backprop
import BackpropCore

@Suite struct SafetensorsTests {
  private static let tensors: [String: Tensor] = [
    "hidden.weight": Tensor([1, 2, 3, 4, 5, .infinity] as [Float], shape: [2, 3]),
    "hidden.bias": Tensor([-0.0, 0.1, .pi] as [Double]),
    "step": Tensor([-7] as [Int32], shape: []),
    "mask": Tensor([true, false, true]),
    "image": Tensor([0, 255] as [UInt8], shape: [1, 2]),
    "nothing": Tensor(zeros: [0, 4]),
    "δ \"quoted\"": Tensor([1] as [Float]),
  ]

  /// A file with this header, padded, and data.
  private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return length(text.count) + text + data
  }

  private func length(_ count: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  }

  @Test func comesBackAsItWas() throws {
    let metadata = ["format": "backprop", "note": "a\nb"]
    let bytes = Safetensors.encode(Self.tensors, metadata: metadata)
    let read = try Safetensors.decode(bytes, name: "m")
    #expect(read.metadata == metadata)
    #expect(read.tensors == Self.tensors)
    #expect(bytes == Safetensors.encode(read.tensors, metadata: read.metadata))
    #expect(try Safetensors.decode(Safetensors.encode([:]), name: "m").tensors.isEmpty)
  }

  @Test func looksAsTheFormatSays() throws {
    let bytes = Safetensors.encode(
      ["b": Tensor([1, 2] as [UInt8]), "a": Tensor([1] as [UInt8]), "c": Tensor([1] as [Float])])
    let header =
      #"{"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"#
      + #""b":{"dtype":"U8","shape":[2],"data_offsets":[5,7]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(bytes == file(padded, [0, 0, 0x80, 0x3f, 1, 1, 2]))
    #expect(bytes[0] % 8 == 0)
  }

  @Test func writesAndReadsFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.safetensors"
    try Safetensors.write(Self.tensors, metadata: ["a": "b"], to: path)
    #expect(try Safetensors.read(path).tensors == Self.tensors)
    #expect(folder.names == ["model.safetensors"])
    #expect(
      message { _ = try Safetensors.read(folder.path + "/none") }
        == "cannot read \(folder.path)/none: No such file or directory")
  }

  @Test func randomTensorsComeBack() throws {
    for round in 0..<60 {
      var stream = RandomStream(RandomKey(1).folded(UInt64(round)))
      var tensors: [String: Tensor] = [:]
      for index in 0..<Int(stream.below(6)) {
        let shape = Shape((0..<Int(stream.below(4))).map { _ in Int(stream.below(5)) })
        let type = [ScalarType.float32, .float64, .int32, .uint8, .bool][Int(stream.below(5))]
        let numbers = (0..<shape.count).map { _ in Double(Int32(bitPattern: stream.next())) / 1024 }
        tensors["layer\(index).\(type)"] = Tensor(numbers, shape: shape, as: type)
      }
      let bytes = Safetensors.encode(tensors)
      #expect(try Safetensors.decode(bytes, name: "m").tensors == tensors)
    }
  }

  @Test(arguments: [
    ("[]", 0, "byte 8: expected a header that begins with '{', found '['"),
    (" {}", 0, "byte 8: expected a header that begins with '{', found ' '"),
    ("{}", 1, "expected 0 bytes of data, where the last tensor ends, found 1"),
    ("{} x", 0, "byte 11: expected the end of the JSON text, found 'x'"),
    ("{\"\u{1}\": 1}", 0, "byte 10: expected a string without control characters, found '\\u{01}'"),
    (
      #"{"a": 1, "a": 2}"#, 0, "byte 17: expected names that differ, found 'a' again"
    ),
    (#"{"__metadata__": 3}"#, 0, "__metadata__: expected an object of strings, found '3'"),
    (#"{"__metadata__": {"a": 3}}"#, 0, "__metadata__: expected a string for 'a', found '3'"),
    (#"{"a": 3}"#, 0, "tensor 'a': expected an object of dtype, shape and data_offsets, found '3'"),
    (
      #"{"a": {"dtype": "F32", "shape": []}}"#, 4,
      "tensor 'a': expected an object of dtype, shape and data_offsets, found an object of 'dtype, shape'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4], "x": 1}}"#, 4,
      "tensor 'a': expected an object of dtype, shape and data_offsets, "
        + "found an object of 'dtype, shape, data_offsets, x'"
    ),
    (
      #"{"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected dtype F64, F32, I32, U8 or BOOL, found 'F16'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected a shape of whole numbers, found '[-1]'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected a shape of whole numbers, found '[1.0]'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected a shape of whole numbers, found '1'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected a shape whose bytes can be counted, found [4294967296, 4294967296]"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [0, 4294967296, 4294967296], "data_offsets": [0, 0]}}"#, 0,
      "tensor 'a': expected a shape whose bytes can be counted, found [0, 4294967296, 4294967296]"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [99999999999999999999], "data_offsets": [0, 4]}}"#, 4,
      "byte 41: expected a whole number of 64 bits, found '99999999999999999999'"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#, 4,
      "tensor 'a': expected data_offsets 8 bytes apart, for float32 [2], found [0, 4]"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#, 4,
      "tensor 'a': expected data_offsets 4 bytes apart, for float32 [1], found [4, 0]"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}"#, 4,
      "tensor 'a': expected data_offsets 4 bytes apart, for float32 [1], found [0]"
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "#
        + #""b": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}"#, 1,
      "tensor 'b': expected data that begins at 1, where the tensor before ends, found a beginning at 0"
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}"#, 2,
      "tensor 'a': expected data that begins at 0, where the tensor before ends, found a beginning at 1"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, 7,
      "tensor 'a': expected data within the file's 7 bytes of data, found an end at 8"
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, 9,
      "expected 8 bytes of data, where the last tensor ends, found 9"
    ),
  ])
  func saysWhatIsWrong(_ header: String, _ dataCount: Int, _ expected: String) {
    let bytes = file(header, [UInt8](repeating: 0, count: dataCount))
    #expect(message { _ = try Safetensors.decode(bytes, name: "m") } == "m: " + expected)
  }

  @Test func refusesLengthsBeyondTheFile() {
    func text(_ bytes: [UInt8]) -> String? {
      message { _ = try Safetensors.decode(bytes, name: "m") }
    }
    #expect(
      text([]) == "m: byte 0: expected the length of the header in 8 bytes, found a file of 0 bytes"
    )
    #expect(
      text(length(0) + [1, 2]) == "m: byte 8: expected a header that begins with '{', found none")
    #expect(
      text(length(3) + Array("{}".utf8))
        == "m: byte 0: expected a header within the 2 bytes that follow, found a length of 3")
    #expect(
      text(length(100_000_001) + Array("{}".utf8))
        == "m: byte 0: expected a header of at most 100000000 bytes, found 100000001")
    #expect(
      text([UInt8](repeating: 255, count: 9))
        == "m: byte 0: expected a header of at most 100000000 bytes, found 18446744073709551615")
    #expect(
      text(length(5) + [0x7b, 0x22, 0xff, 0x22, 0x7d])
        == "m: byte 9: expected UTF-8 text, found other bytes")
  }

  @Test func refusesBooleansOtherThan0And1() {
    let header = #"{"a": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}"#
    #expect(
      message { _ = try Safetensors.decode(file(header, [1, 7]), name: "m") }
        == "m: byte \(8 + header.utf8.count + 1): expected 0 or 1 in tensor 'a', found 7")
  }

  @Test func survivesDamage() {
    let bytes = Safetensors.encode(Self.tensors, metadata: ["a": "b"])
    for round in 0..<3000 {
      var stream = RandomStream(RandomKey(2).folded(UInt64(round)))
      var damaged = bytes
      for _ in 0...stream.below(3) {
        // Mostly within the header, where it matters.
        let index = Int(
          stream.below(UInt32(stream.below(4) == 0 ? bytes.count : min(bytes.count, 700))))
        damaged[index] = UInt8(truncatingIfNeeded: stream.next())
      }
      if stream.below(4) == 0 { damaged.removeLast(Int(stream.below(UInt32(damaged.count)))) }
      // Either an error or tensors that can be written again: never a trap.
      if let read = try? Safetensors.decode(damaged, name: "m") {
        _ = Safetensors.encode(read.tensors, metadata: read.metadata)
      }
    }
  }

  @Test(.enabled(if: ReferencePython.isThere, "no Python with safetensors: set BACKPROP_PYTHON"))
  func agreesWithTheReferenceImplementation() throws {
    let folder = try TemporaryFolder()
    let ours = folder.path + "/ours", theirs = folder.path + "/theirs"
    try Safetensors.write(Self.tensors, metadata: ["format": "backprop"], to: ours)
    let script = """
      import sys
      from safetensors import safe_open
      from safetensors.numpy import load_file, save_file
      with safe_open(sys.argv[1], "numpy") as f:
          metadata = f.metadata()
      tensors = load_file(sys.argv[1])
      save_file(tensors, sys.argv[2], metadata=metadata)
      for name in sorted(tensors):
          print(name, tensors[name].dtype, list(tensors[name].shape), tensors[name].ravel().tolist())
      """
    let python = try #require(ReferencePython.path)
    let printed = try #require(ReferencePython.run(python, ["-c", script, ours, theirs]))
    #expect(
      printed == """
        hidden.bias float64 [3] [-0.0, 0.1, 3.141592653589793]
        hidden.weight float32 [2, 3] [1.0, 2.0, 3.0, 4.0, 5.0, inf]
        image uint8 [1, 2] [0, 255]
        mask bool [3] [True, False, True]
        nothing float32 [0, 4] []
        step int32 [] [-7]
        δ "quoted" float32 [1] [1.0]

        """)
    let read = try Safetensors.read(theirs)
    #expect(read.tensors == Self.tensors)
    #expect(read.metadata == ["format": "backprop"])
  }
}
