import Testing

import Backprop

@Suite struct GzipReaderTests {
  private let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }

  private func all(_ bytes: [UInt8]) throws -> [UInt8] {
    try GzipReader(bytes, name: "x.gz").read(10_000_000)
  }

  @Test func readsInPieces() throws {
    let reader = GzipReader(GzipWriter.stored(content), name: "x.gz")
    #expect(try reader.read(3) == Array(content[..<3]))
    #expect(try reader.read(100_000) == Array(content[3..<100_003]))
    #expect(try reader.read(1_000_000) == Array(content[100_003...]))
    #expect(try reader.read(1) == [])
    #expect(try all(GzipWriter.stored([])) == [])
  }

  @Test func readsMembersOneAfterTheOther() throws {
    #expect(
      try all(GzipWriter.stored([1, 2]) + GzipWriter.stored([]) + GzipWriter.stored([3])) == [
        1, 2, 3,
      ])
  }

  @Test func findsTruncationAnywhere() throws {
    let bytes = GzipWriter.stored([1, 2, 3, 4])
    for count in 0..<bytes.count {
      #expect(
        message { _ = try all(Array(bytes[..<count])) }
          == "x.gz: byte \(count): expected more gzip data, found the end of the file (truncated?)")
    }
  }

  @Test func findsDamage() throws {
    var bytes = GzipWriter.stored([1, 2, 3, 4])
    bytes[15] ^= 1
    #expect(
      message { _ = try all(bytes) }
        == "x.gz: byte 23: expected undamaged gzip data, found damage (zlib: incorrect data check)")
    bytes = GzipWriter.stored([1, 2, 3, 4])
    bytes[10] = 7
    #expect(
      message { _ = try all(bytes) }
        == "x.gz: byte 11: expected undamaged gzip data, found damage (zlib: invalid block type)")
  }

  @Test func findsBytesBehindTheEnd() throws {
    #expect(
      message { _ = try all(GzipWriter.stored([1]) + [0, 0]) }
        == "x.gz: byte 24: expected the end of the gzip file, found 2 more bytes")
  }

  @Test func unpacksNoMoreThanAsked() throws {
    let bomb = GzipWriter.bomb(prefix: [5, 200], zeros: 50_000_000)
    #expect(bomb.count < 400_000)
    let reader = GzipReader(bomb, name: "x.gz")
    #expect(try reader.read(4) == [5, 200, 0, 0])
    #expect(reader.capacity >= 50_000_000)
  }

  @Test func survivesEveryFlippedByte() throws {
    let bytes = GzipWriter.stored(Array(content[..<50]))
    for index in bytes.indices {
      for flip in [UInt8(1), 0x80, 0xff] {
        var damaged = bytes
        damaged[index] ^= flip
        _ = try? all(damaged)
      }
    }
  }
}
