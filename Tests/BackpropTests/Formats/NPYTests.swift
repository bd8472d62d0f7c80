import Testing

import Backprop
import BackpropCore

@Suite struct NPYTests {
  private static let tensors: [Tensor] = [
    Tensor([1, 2, 3, 4, 5, -.infinity] as [Float], shape: [2, 3]),
    Tensor([-0.0, 0.1, .pi] as [Double]),
    Tensor([-7] as [Int32], shape: []),
    Tensor([true, false, true], shape: [3, 1]),
    Tensor([0, 255] as [UInt8], shape: [1, 2]),
    Tensor(zeros: [0, 4]),
  ]

  /// A file of version 1 with this header and data.
  static func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)]
      + text + data
  }

  private static func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': \(type), 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  private func decode(_ bytes: [UInt8]) throws -> Tensor { try NPY.decode(bytes, name: "a") }
  private func text(_ bytes: [UInt8]) -> String? { message { _ = try decode(bytes) } }

  @Test(arguments: ArrayFixtures.all.npy.filter { $0.type != nil })
  func readsWhatNumPyWrote(_ fixture: ArrayFixtures.Array) throws {
    let tensor = try decode(fixture.bytes)
    #expect(tensor.scalarType.rawValue == fixture.type)
    #expect(tensor.shape == Shape(fixture.shape))
    let type = tensor.scalarType
    let expected = Tensor(fixture.values.map(\.value), shape: tensor.shape, as: type)
    // Bits, so that -0 is told from 0.
    #expect(NPY.encode(tensor) == NPY.encode(expected))
  }

  @Test func writesTheBytesOfNumPy() throws {
    for fixture in ArrayFixtures.all.npy
    where ["<f4", "<f8", "<i4", "|u1", "bool", "scalar", "vector", "empty"].contains(fixture.name) {
      #expect(try NPY.encode(decode(fixture.bytes)) == fixture.bytes, "\(fixture.name)")
    }
  }

  @Test func refusesWhatNoTensorHolds() {
    let types =
      "expected a type of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, "
      + "with < or > (| if of one byte), found "
    let expected = [
      "a large i8": "element [1, 1]: expected i8 numbers that fit int32, found 2147483648",
      "a large u4": "element [0]: expected u4 numbers that fit int32, found 4294967295",
      "a large u8": "element [1]: expected u8 numbers that fit int32, found 18446744073709551615",
      "f2": "byte 20: \(types)'<f2' (float16; convert it with .astype('float32'))",
      "complex": "byte 20: \(types)'<c8' (complex numbers)",
      "texts": "byte 20: \(types)'<U2' (texts)",
      "bytes": "byte 20: \(types)'|S2' (texts)",
      "times": "byte 20: \(types)'<M8[D]' (times)",
      "records":
        "byte 20: expected one type for all elements, found a list (a structured array)",
      "objects":
        "byte 20: \(types)'|O' (Python objects, which are never read; convert them with .astype)",
    ]
    let refused = ArrayFixtures.all.npy.filter { $0.type == nil }
    #expect(Set(refused.map(\.name)) == Set(expected.keys))
    for fixture in refused {
      #expect(text(fixture.bytes) == expected[fixture.name].map { "a: " + $0 }, "\(fixture.name)")
    }
  }

  @Test func comesBackAsItWas() throws {
    let folder = try TemporaryFolder()
    for tensor in Self.tensors {
      let bytes = NPY.encode(tensor)
      #expect(try decode(bytes) == tensor)
      #expect((bytes.count - tensor.shape.count * tensor.scalarType.size) % 64 == 0)
      let path = folder.path + "/a.npy"
      try NPY.write(tensor, to: path)
      #expect(try NPY.read(path) == tensor)
    }
    #expect(
      message { _ = try NPY.read(folder.path + "/none") }
        == "cannot read \(folder.path)/none: No such file or directory")
  }

  @Test(arguments: [
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }\n",
    "{\"shape\":(2,1),'fortran_order':False,\n\t'descr':\"<u1\"}",
    " { 'shape' : ( 2 , 1 , ) , 'descr' : '>u1' , 'fortran_order' : True }   \n",
  ])
  func readsTheLiteralHoweverItIsSpaced(_ header: String) throws {
    #expect(try decode(Self.file(header, [3, 4])) == Tensor([3, 4] as [UInt8], shape: [2, 1]))
  }

  @Test func readsAnEmptyArrayInFortranOrder() throws {
    let bytes = Self.file(Self.header("'>f8'", "(3, 0, 2)", fortran: true))
    #expect(try decode(bytes) == Tensor(zeros: [3, 0, 2], scalarType: .float64))
  }

  @Test func saysWhatIsWrongBeforeTheHeader() {
    let magic = [0x93] + Array("NUMPY".utf8)
    #expect(text([]) == "a: byte 0: expected an NPY file (93 4e 55 4d 50 59), found an empty file")
    #expect(
      text([0x50, 0x4b, 3, 4, 0, 0, 0])
        == "a: byte 0: expected an NPY file (93 4e 55 4d 50 59), found 50 4b 03 04 00 00")
    #expect(text(magic) == "a: byte 6: expected version 1.0, 2.0 or 3.0, found the end")
    #expect(text(magic + [4, 0]) == "a: byte 6: expected version 1.0, 2.0 or 3.0, found 4.0")
    #expect(text(magic + [1, 1]) == "a: byte 6: expected version 1.0, 2.0 or 3.0, found 1.1")
    #expect(
      text(magic + [2, 0, 1])
        == "a: byte 8: expected the length of the header in 4 bytes, found a file of 9 bytes")
    #expect(
      text(magic + [1, 0, 3, 0, 1])
        == "a: byte 8: expected a header within the 1 bytes that follow, found a length of 3")
    #expect(
      text(magic + [3, 0, 255, 255, 255, 255])
        == "a: byte 8: expected a header of at most 10000 bytes, found 4294967295")
  }

  @Test(arguments: [
    (
      "",
      "byte 10: expected the header's dictionary, which begins with '{', "
        + "found the end of the header"
    ),
    ("[1]", "byte 10: expected the header's dictionary, which begins with '{', found '[1]'"),
    ("{}", "byte 10: expected the keys 'descr', 'fortran_order' and 'shape', found no 'descr'"),
    (
      "{'descr': '<f4', 'shape': ()}",
      "byte 10: expected the keys 'descr', 'fortran_order' and 'shape', found no 'fortran_order'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False}",
      "byte 10: expected the keys 'descr', 'fortran_order' and 'shape', found no 'shape'"
    ),
    (
      "{'x': 1}", "byte 11: expected the keys 'descr', 'fortran_order' and 'shape', found 'x'"
    ),
    ("{'shape': (), 'shape': ()}", "byte 24: expected keys that differ, found 'shape' again"),
    ("{shape: ()}", "byte 11: expected a key in quotes, or '}', found 'shape: ()}'"),
    ("{'shape' ()}", "byte 19: expected ':' after the key, found '()}'"),
    ("{'shape': () 'descr': '<f4'}", "byte 23: expected ',' or '}', found ''descr': '<f4'}'"),
    ("{'shape': (1)}", "byte 20: expected a tuple such as (1,), found (1)"),
    ("{'shape': (1 2)}", "byte 23: expected ',' or ')', found '2)}'"),
    ("{'shape': (,)}", "byte 21: expected a size from 0 up, or ')', found ',)}'"),
    ("{'shape': (-1,)}", "byte 21: expected a size from 0 up, or ')', found '-1,)}'"),
    ("{'shape': (01,)}", "byte 21: expected a size from 0 up, or ')', found '01,)}'"),
    ("{'shape': (2L,)}", "byte 22: expected ',' or ')', found 'L,)}'"),
    ("{'shape': [2]}", "byte 20: expected a shape such as (2, 3), found '[2]}'"),
    ("{'shape': (2", "byte 22: expected ',' or ')', found the end of the header"),
    (
      "{'shape': (9223372036854775808,)}",
      "byte 21: expected a size of 63 bits, found '9223372036854775808'"
    ),
    ("{'fortran_order': 1}", "byte 28: expected True or False, found '1}'"),
    ("{'descr': f4}", "byte 20: expected the type of the elements in quotes, found 'f4}'"),
    (
      "{'descr': '\\x3cf4'}",
      "byte 20: expected a text without escapes that ends on its line, found ''\\x3cf4'}'"
    ),
    (
      "{'descr': '<f4",
      "byte 20: expected a text without escapes that ends on its line, found ''<f4'"
    ),
    (
      header("'<f4'", "(1,)") + "; import os",
      "byte 68: expected nothing but spaces behind the dictionary, found '; import os'"
    ),
    (
      header("'=f4'", "()"),
      "byte 20: expected a type of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, "
        + "with < or > (| if of one byte), found '=f4'"
    ),
    (
      header("'|f4'", "()"),
      "byte 20: expected a type of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, "
        + "with < or > (| if of one byte), found '|f4'"
    ),
    (
      header("'<f4'", "(\(String(repeating: "1, ", count: 65)))"),
      "byte 60: expected at most 64 axes, found 65"
    ),
    (
      header("'|u1'", "(4294967296, 4294967296)"),
      "byte 60: expected a shape whose bytes can be counted, found (4294967296, 4294967296)"
    ),
    (
      header("'|u1'", "(0, 4294967296, 4294967296)"),
      "byte 60: expected a shape whose bytes can be counted, found (0, 4294967296, 4294967296)"
    ),
  ])
  func saysWhatIsWrongInTheHeader(_ header: String, _ expected: String) {
    #expect(text(Self.file(header)) == "a: " + expected)
  }

  @Test func saysWhatIsWrongInTheElements() {
    let start = Self.file(Self.header("'<i2'", "(2, 3)")).count
    for count in [11, 13] {
      let bytes = Self.file(Self.header("'<i2'", "(2, 3)"), [UInt8](repeating: 0, count: count))
      #expect(
        text(bytes)
          == "a: byte \(start): expected 12 bytes of elements, for i2 [2, 3], found \(count)")
    }
    #expect(
      text(Self.file(Self.header("'|b1'", "(2, 2)", fortran: true), [0, 1, 2, 0]))
        == "a: element [0, 1]: expected 0 or 1 for a bool, found 2")
    #expect(
      text(Self.file(Self.header("'<f8'", "(1000000000000,)"), [0]))
        == "a: byte 80: expected 8000000000000 bytes of elements, for f8 [1000000000000], found 1")
  }

  @Test func survivesDamage() {
    for (number, fixture) in ArrayFixtures.all.npy.enumerated() {
      for round in 0..<60 {
        var stream = RandomStream(RandomKey(4).folded(UInt64(round)))
        var damaged = fixture.bytes
        for _ in 0...stream.below(2) {
          let index = Int(stream.below(UInt32(min(damaged.count, 100))))
          damaged[index] = UInt8(truncatingIfNeeded: stream.next())
        }
        if stream.below(4) == 0 { damaged.removeLast(Int(stream.below(UInt32(damaged.count)))) }
        if let tensor = try? decode(damaged) { #expect(tensor.shape.count <= damaged.count) }
      }
      // Every bit of a header in C and in Fortran order once.
      guard number == 0 || fixture.name == "Fortran matrix" else { continue }
      for bit in 0..<(min(fixture.bytes.count, 130) * 8) {
        var damaged = fixture.bytes
        damaged[bit / 8] ^= 1 << (bit % 8)
        _ = try? decode(damaged)
      }
    }
  }
}
