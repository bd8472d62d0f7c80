import Testing

import Backprop
import BackpropCore

@Suite struct IDXTests {
  private let bytes: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

  private func decode(_ bytes: [UInt8]) throws -> Tensor { try IDX.decode(bytes, name: "a") }
  private func text(_ bytes: [UInt8]) -> String? { message { _ = try decode(bytes) } }

  @Test func readsEachType() throws {
    #expect(try decode(bytes) == Tensor([1, 2, 3, 4, 5, 255] as [UInt8], shape: [2, 3]))
    let header: [UInt8] = [1, 0, 0, 0, 2]
    #expect(
      try decode([0, 0, 0x0c] + header + [0, 0, 1, 2, 255, 255, 255, 254])
        == Tensor([258, -2] as [Int32]))
    #expect(
      try decode([0, 0, 0x0d] + header + [0x3f, 0xc0, 0, 0, 0xff, 0x80, 0, 0])
        == Tensor([1.5, -.infinity] as [Float]))
    #expect(try decode([0, 0, 8, 1, 0, 0, 0, 0]).shape == [0])
  }

  @Test func readsGzipByContent() throws {
    #expect(try decode(GzipWriter.stored(bytes)) == decode(bytes))
    let folder = try TemporaryFolder()
    #expect(try IDX.read(folder.file("without-suffix", GzipWriter.stored(bytes))) == decode(bytes))
    #expect(
      message { _ = try IDX.read(folder.path + "/none") }
        == "cannot read \(folder.path)/none: No such file or directory")
  }

  @Test func saysWhatIsWrong() {
    #expect(
      text([])
        == "a: byte 0: expected an IDX file (00 00, type, number of axes), found an empty file")
    #expect(
      text([0x89, 0x50, 0x4e, 0x47, 0x0d])
        == "a: byte 0: expected an IDX file (00 00, type, number of axes), found 89 50 4e 47")
    #expect(
      text([0, 0, 8])
        == "a: byte 0: expected an IDX file (00 00, type, number of axes), found 00 00 08")
    #expect(
      text([0, 0, 0x0e, 1])
        == "a: byte 2: expected type 08 (uint8), 0c (int32) or 0d (float32), found 0e")
    #expect(text([0, 0, 8, 0]) == "a: byte 3: expected 1 to 8 axes, found 0")
    #expect(text([0, 0, 8, 9]) == "a: byte 3: expected 1 to 8 axes, found 9")
    #expect(text([0, 0, 8, 2, 0, 0]) == "a: byte 6: expected the sizes of 2 axes, found the end")
    #expect(
      text(Array(bytes.dropLast()))
        == "a: byte 4: expected sizes that fit the file, which holds at most 5 more bytes, "
        + "found 2 × 3 uint8 elements")
    #expect(
      text(bytes + [0])
        == "a: byte 18: expected the end, after 6 bytes of elements, found more bytes")
    let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)
    #expect(
      text(huge)
        == "a: byte 4: expected sizes that fit the file, which holds at most 0 more bytes, "
        + "found 4294967295 × 4294967295 × 4294967295 uint8 elements")
  }

  @Test func saysWhatIsWrongInGzip() {
    let packed = GzipWriter.stored(bytes)
    #expect(
      text(Array(packed.dropLast(9)))
        == "a: byte \(packed.count - 9): expected more gzip data, found the end of the file (truncated?)"
    )
    // The checksum stands behind the last element: it is verified all the same.
    var damaged = packed
    damaged[packed.count - 9] ^= 1
    #expect(
      text(damaged)
        == "a: byte \(packed.count - 4): expected undamaged gzip data, found damage (zlib: incorrect data check)"
    )
    #expect(
      text(GzipWriter.stored(Array(bytes.dropLast())))
        == "a, unpacked: byte 17: expected 6 bytes of elements, found the end after 5")
    #expect(
      text(GzipWriter.stored(bytes + [1]))
        == "a, unpacked: byte 18: expected the end, after 6 bytes of elements, found more bytes")
    #expect(
      text(GzipWriter.stored([1, 2, 3, 4]))
        == "a, unpacked: byte 0: expected an IDX file (00 00, type, number of axes), found 01 02 03 04"
    )
  }

  @Test func aBombIsNotUnpacked() {
    let bomb = GzipWriter.bomb(prefix: bytes, zeros: 200_000_000)
    #expect(
      text(bomb)
        == "a, unpacked: byte 18: expected the end, after 6 bytes of elements, found more bytes")
    // A header that promises more than so small a file can unpack to.
    let huge: [UInt8] = [0, 0, 8, 1, 255, 255, 255, 255]
    let expected = "a, unpacked: byte 4: expected sizes that fit the file, which holds at most "
    #expect(text(GzipWriter.bomb(prefix: huge, zeros: 1000))?.hasPrefix(expected) == true)
  }

  @Test func survivesDamage() {
    for source in [bytes, GzipWriter.stored(bytes)] {
      for round in 0..<600 {
        var stream = RandomStream(RandomKey(3).folded(UInt64(round)))
        var damaged = source
        damaged[Int(stream.below(UInt32(source.count)))] = UInt8(truncatingIfNeeded: stream.next())
        if stream.below(3) == 0 { damaged.removeLast(Int(stream.below(UInt32(damaged.count)))) }
        if let tensor = try? decode(damaged) { #expect(tensor.shape.count <= 1_100_000) }
      }
    }
  }
}
