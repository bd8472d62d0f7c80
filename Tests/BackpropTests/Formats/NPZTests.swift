import Testing

import Backprop
import BackpropCore

@Suite struct NPZTests {
  private static let arrays: [String: Tensor] = [
    "x": Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]), "y": Tensor([0, 1] as [Int32]),
    "größe/tief": Tensor([true]),
  ]
  private func decode(_ bytes: [UInt8]) throws -> [String: Tensor] {
    try NPZ.decode(bytes, name: "a")
  }
  private func text(_ bytes: [UInt8]) -> String? { message { _ = try decode(bytes) } }

  /// One array in an archive: 30 + 5 + 129 bytes of file, 46 + 5 of directory, 22 of its end.
  private let small: [UInt8]
  private let contentCount: Int
  private var directory: Int { 35 + contentCount }
  private var end: Int { directory + 51 }

  init() throws {
    let tensor = Tensor([7] as [UInt8])
    small = try NPZ.encode(["x": tensor], name: "a")
    contentCount = NPY.encode(tensor).count
    #expect(small.count == end + 22)
  }

  /// `small` with other bytes at places.
  private func changed(_ changes: (Int, [UInt8])...) -> [UInt8] {
    var bytes = small
    for (place, values) in changes {
      bytes.replaceSubrange(place..<(place + values.count), with: values)
    }
    return bytes
  }

  @Test(arguments: ArrayFixtures.all.npz)
  func readsWhatNumPyWrote(_ fixture: ArrayFixtures.Archive) throws {
    let arrays = try decode(fixture.bytes)
    #expect(Set(arrays.keys) == Set(fixture.arrays.keys))
    for (name, values) in fixture.arrays {
      #expect(arrays[name]?.array(of: Double.self) == values.map(\.value))
    }
  }

  @Test func comesBackAsItWas() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.npz"
    try NPZ.write(Self.arrays, to: path)
    #expect(try NPZ.read(path) == Self.arrays)
    #expect(try decode(NPZ.encode([:], name: "a")).isEmpty)
    #expect(try NPZ.encode(Self.arrays, name: "a") == NPZ.encode(NPZ.read(path), name: "b"))
  }

  @Test(.enabled(if: ReferencePython.isThere, "no Python with safetensors: set BACKPROP_PYTHON"))
  func numPyReadsWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    try NPZ.write(Self.arrays, to: folder.path + "/a.npz")
    let script = """
      import sys, numpy
      arrays = numpy.load(sys.argv[1])
      for name in sorted(arrays): print(name, arrays[name].dtype, arrays[name].tolist())
      """
    let python = try #require(ReferencePython.path)
    #expect(
      ReferencePython.run(python, ["-c", script, folder.path + "/a.npz"])
        == "größe/tief bool [True]\nx float32 [[1.0, 2.0], [3.0, 4.0]]\ny int32 [0, 1]\n")
  }

  @Test func acceptsACommentBehindTheDirectory() throws {
    #expect(try decode(changed((end + 20, [3, 0])) + [1, 2, 3])["x"] == Tensor([7] as [UInt8]))
  }

  @Test func saysWhatIsNoArchive() {
    let expected = "a: expected a zip archive, which ends with the end of its directory, found "
    #expect(text([]) == expected + "an empty file")
    #expect(
      text([0x93, 0x4e, 0x55, 0x4d, 0x50]) == expected + "a file that begins with 93 4e 55 4d")
    #expect(text(Array(small.dropLast())) == expected + "another end (truncated?)")
    #expect(text(small + [0]) == expected + "another end (truncated?)")
  }

  @Test func saysWhatIsWrongInTheDirectory() {
    func at(_ place: Int, _ values: [UInt8], _ expected: String) {
      #expect(text(changed((place, values))) == "a: " + expected)
    }
    let entry = "entry 'x.npy': "
    let zip64 =
      "byte \(end): expected an archive of less than 4 GiB and 65535 entries, "
      + "found zip64, which is not read"
    at(end + 10, [255, 255], zip64)
    at(end + 16, [255, 255, 255, 255], zip64)
    at(end - 20, [0x50, 0x4b, 6, 7], zip64)
    at(end + 4, [1], "byte \(end + 4): expected an archive in one part, found one of several")
    at(
      end + 12, [50],
      "byte \(end + 12): expected a directory that ends here, at \(end), "
        + "found 50 bytes from \(directory) on")
    #expect(
      text(changed((end + 8, [2, 0, 2])))
        == "a: byte \(end): expected an entry of the directory (50 4b 01 02), found its end")
    #expect(
      text(changed((end + 8, [0, 0, 0])))
        == "a: byte \(directory): expected the end of the directory, after 0 entries, "
        + "found 51 more bytes")
    at(
      directory, [0],
      "byte \(directory): expected an entry of the directory (50 4b 01 02), found 00 4b 01 02")
    at(
      directory + 30, [1],
      "byte \(directory): expected an entry that ends within the directory, found one of 52 bytes")
    at(directory + 8, [1], entry + "expected a file that is not encrypted, found one that is")
    at(directory + 8, [0x20], entry + "expected flags 1, 2, 3 and 11 only, found '100000'")
    at(directory + 10, [12], entry + "expected method 0 (stored) or 8 (deflate), found 12")
    at(
      directory + 20, [255, 255, 255, 255],
      entry + "expected a file of less than 4 GiB, found zip64, which is not read")
    at(
      directory + 24, [0],
      entry + "expected a size that \(contentCount) bytes of data can have, found 0")
    at(
      directory + 46, [0xff], "byte \(directory + 46): expected a name in ASCII, found other bytes")
    #expect(
      text(changed((directory + 46, [0xff]), (directory + 8, [0, 8])))
        == "a: byte \(directory + 46): expected a name in UTF-8, found other bytes")
  }

  @Test func saysWhatIsWrongInAFile() throws {
    let entry = "a: entry 'x.npy': "
    #expect(
      text(changed((0, [0]))) == entry
        + "expected its header (50 4b 03 04) at byte 0, found 00 4b 03 04")
    #expect(
      text(changed((directory + 42, [255, 255, 255])))
        == entry + "expected its header (50 4b 03 04) at byte 16777215, found the end of the file")
    let others =
      "expected the name and method of the directory in its header, found others at byte 0"
    #expect(text(changed((30, [0x79]))) == entry + others)
    #expect(text(changed((8, [8]))) == entry + others)
    #expect(
      text(changed((directory + 20, [200]), (directory + 24, [200])))
        == entry + "expected data that ends before the directory at \(directory), "
        + "found 200 bytes from 35 on")
    let found = message { _ = try decode(changed((directory - 1, [8]))) } ?? ""
    #expect(
      found.hasPrefix(entry + "expected the checksum ") && found.hasSuffix("(the data is damaged)"))
    #expect(
      text(changed((34, [0x7a]), (directory + 50, [0x7a])))
        == "a: entry 'x.npz': expected arrays only, named *.npy, found another file")
    let two = try NPZ.encode(["x": Tensor([7] as [UInt8]), "z": Tensor([7] as [UInt8])], name: "a")
    let second = directory, entries = 2 * second
    var same = two
    same[second + 30] = 0x78
    same[entries + 51 + 46] = 0x78
    #expect(
      text(same) == "a: byte \(entries + 51): expected names that differ, "
        + "found entry 'x.npy' again")
    var overlapping = two
    overlapping.replaceSubrange((entries + 51 + 42)..<(entries + 51 + 46), with: [0, 0, 0, 0])
    #expect(
      text(overlapping)
        == "a: entry 'z.npy': expected a file that begins at \(second) or behind it, "
        + "found one at 0, within another")
  }

  /// An archive whose one file is deflate data that is said to unpack to `size` bytes.
  private func packed(_ data: [UInt8], size: Int) -> [UInt8] {
    func words(_ values: Int...) -> [UInt8] { values.flatMap { GzipWriter.word(UInt32($0)) } }
    let name = Array("x.npy".utf8)
    let fields: [UInt8] =
      [20, 0, 0, 0, 8, 0, 0, 0, 33, 0] + words(0, data.count, size) + [5, 0, 0, 0]
    let file = words(0x0403_4b50) + fields + name + data
    let entry = words(0x0201_4b50) + [20, 0] + fields + [0, 0, 0, 0, 0, 0] + words(0, 0) + name
    return file + entry + words(0x0605_4b50) + [0, 0, 0, 0, 1, 0, 1, 0]
      + words(entry.count, file.count) + [0, 0]
  }

  @Test func saysWhatIsWrongInPackedData() throws {
    let entry = "a: entry 'x.npy': "
    // Behind the header of gzip and before its trailer stands deflate data.
    let data = Array(GzipWriter.stored([1, 2, 3]).dropFirst(10).dropLast(8))
    #expect(
      text(packed(data, size: 2)) == entry + "expected data that unpacks to 2 bytes, found more")
    #expect(
      text(packed(data, size: 4)) == entry
        + "expected 8 bytes that unpack to 4, found 8 bytes that unpack to 3")
    #expect(
      text(packed(data + [0], size: 3))
        == entry + "expected 9 bytes that unpack to 3, found 8 bytes that unpack to 3")
    #expect(
      text(packed(data.dropLast(), size: 3)) == entry + "expected more deflate data, found its end")
    #expect(
      text(packed([7], size: 3))
        == entry + "expected undamaged deflate data, found damage (zlib: invalid block type)")
    #expect(
      text(packed(data, size: 3))
        == entry + "expected the checksum 00000000, found 55bc801d (the data is damaged)")
  }

  @Test func aBombIsNotUnpacked() {
    let data = Array(GzipWriter.bomb(prefix: [], zeros: 100_000_000).dropFirst(10).dropLast(8))
    #expect(
      text(packed(data, size: 1000))
        == "a: entry 'x.npy': expected data that unpacks to 1000 bytes, "
        + "found more")
    #expect(
      text(packed([3, 0], size: 4_000_000_000))
        == "a: entry 'x.npy': expected a size that 2 bytes of data can have, found 4000000000")
    let bytes = packed(data, size: 99_000_000)
    #expect(
      message { _ = try NPZ.decode(bytes, name: "a", sizeLimit: 50_000_000) }
        == "a: expected at most 50000000 bytes of arrays, unpacked, found 99000000")
  }

  @Test func namesTheArrayInItsErrors() throws {
    let content = try #require(ArrayFixtures.all.npy.first { $0.name == "f2" }).bytes
    var bytes = packed(
      Array(GzipWriter.stored(content).dropFirst(10).dropLast(8)), size: content.count)
    let sum = GzipWriter.word(GzipWriter.crc(content))
    bytes.replaceSubrange((bytes.count - 22 - 51 + 16)..<(bytes.count - 22 - 51 + 20), with: sum)
    #expect(text(bytes)?.hasPrefix("a, array 'x': byte 20: expected a type of f4, ") == true)
  }

  @Test func survivesDamage() throws {
    let sources =
      try [small, NPZ.encode(Self.arrays, name: "a")] + ArrayFixtures.all.npz.map(\.bytes)
    for source in sources {
      for round in 0..<500 {
        var stream = RandomStream(RandomKey(5).folded(UInt64(round)))
        var damaged = source
        for _ in 0...stream.below(2) {
          damaged[Int(stream.below(UInt32(damaged.count)))] = UInt8(
            truncatingIfNeeded: stream.next())
        }
        if stream.below(4) == 0 { damaged.removeLast(Int(stream.below(UInt32(damaged.count)))) }
        _ = try? decode(damaged)
      }
    }
    // Every bit of an archive once: checksums and checks leave only few that do not matter.
    for bit in 0..<(small.count * 8) {
      var damaged = small
      damaged[bit / 8] ^= 1 << (bit % 8)
      if let arrays = try? decode(damaged) {
        #expect(arrays.count == 1 && arrays.values.first == Tensor([7] as [UInt8]))
      }
    }
  }
}
