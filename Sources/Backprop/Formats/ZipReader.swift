/// The parts of a zip archive other than the files' data.
struct ZipReader {
  private let bytes: [UInt8]
  private let name: String

  private static let fileMark = 0x0403_4b50
  private static let entryMark = 0x0201_4b50
  private static let endMark = 0x0605_4b50
  private static let endSize = 22
  private static let largeEndMark = 0x0706_4b50

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// Where the directory is and how many entries it has.
  func directoryEnd() throws(FormatError) -> (directory: Range<Int>, count: Int) {
    // The end of the directory is the last of the archive, but for a comment of up to 65535 bytes.
    let last = bytes.count - Self.endSize
    let places = stride(from: last, through: max(0, last - 0xffff), by: -1)
    guard
      let place = places.first(where: {
        $0 >= 0 && word($0) == Self.endMark && half($0 + 20) == last - $0
      })
    else {
      throw FormatError(
        name, expected: "a zip archive, which ends with the end of its directory",
        found: bytes.isEmpty
          ? "an empty file"
          : bytes.starts(with: [0x50, 0x4b])
            ? "another end (truncated?)"
            : "a file that begins with \(FormatError.hexadecimal(bytes.prefix(4)))")
    }
    let count = half(place + 10), size = word(place + 12), start = word(place + 16)
    let isLarge = place >= 20 && word(place - 20) == Self.largeEndMark
    guard !isLarge, count < 0xffff, size < 0xffff_ffff, start < 0xffff_ffff else {
      throw FormatError(
        name, .byte(place), expected: "an archive of less than 4 GiB and 65535 entries",
        found: "zip64, which is not read")
    }
    guard half(place + 4) == 0, half(place + 6) == 0, half(place + 8) == count else {
      throw FormatError(
        name, .byte(place + 4), expected: "an archive in one part", found: "one of several")
    }
    guard start + size == place else {
      throw FormatError(
        name, .byte(place + 12), expected: "a directory that ends here, at \(place)",
        found: "\(size) bytes from \(start) on")
    }
    return (start..<place, count)
  }

  /// The entry of the directory at a place, and where the next one stands.
  func entry(
    at place: Int, within directory: Range<Int>
  ) throws(FormatError) -> (entry: ZipArchive.Entry, next: Int) {
    guard directory.upperBound - place >= 46, word(place) == Self.entryMark else {
      throw FormatError(
        name, .byte(place), expected: "an entry of the directory (50 4b 01 02)",
        found: place == directory.upperBound
          ? "its end" : FormatError.hexadecimal(bytes[place..<directory.upperBound].prefix(4)))
    }
    let nameEnd = place + 46 + half(place + 28)
    let next = nameEnd + half(place + 30) + half(place + 32)
    guard next <= directory.upperBound else {
      throw FormatError(
        name, .byte(place), expected: "an entry that ends within the directory",
        found: "one of \(next - place) bytes")
    }
    let flags = half(place + 8), method = half(place + 10)
    let text = try self.text((place + 46)..<nameEnd, isUTF8: flags & 0x800 != 0)
    let problem = FormatError.Place.entry("entry \(FormatError.quoted(text))")
    guard flags & 1 == 0 else {
      throw FormatError(
        name, problem, expected: "a file that is not encrypted", found: "one that is")
    }
    // Bits 1 and 2 say how it was packed, 3 that sizes stand behind the data too, 11 that the name
    // is UTF-8.
    guard flags & ~0x80e == 0 else {
      throw FormatError(
        name, problem, expected: "flags 1, 2, 3 and 11 only",
        found: FormatError.quoted(String(flags, radix: 2)))
    }
    guard method == 0 || method == 8 else {
      throw FormatError(
        name, problem, expected: "method 0 (stored) or 8 (deflate)", found: "\(method)")
    }
    let packedSize = word(place + 20), size = word(place + 24), offset = word(place + 42)
    guard max(packedSize, size, offset) < 0xffff_ffff else {
      throw FormatError(
        name, problem, expected: "a file of less than 4 GiB", found: "zip64, which is not read")
    }
    guard method == 0 ? size == packedSize : size / GzipReader.largestRatio <= packedSize else {
      throw FormatError(
        name, problem, expected: "a size that \(packedSize) bytes of data can have",
        found: "\(size)")
    }
    let entry = ZipArchive.Entry(
      name: text, isDeflated: method == 8, checksum: UInt32(word(place + 16)),
      packedSize: packedSize, size: size, offset: offset)
    return (entry, next)
  }

  /// Where a file's data begins: behind its own header, which must agree with the directory.
  func dataStart(of entry: ZipArchive.Entry) throws(FormatError) -> Int {
    let place = entry.offset
    guard place <= bytes.count - 30, word(place) == Self.fileMark else {
      throw FormatError(
        name, .entry(entry.title), expected: "its header (50 4b 03 04) at byte \(place)",
        found: place < bytes.count
          ? FormatError.hexadecimal(bytes[place...].prefix(4)) : "the end of the file")
    }
    let nameEnd = place + 30 + half(place + 26)
    let start = nameEnd + half(place + 28)
    guard start <= bytes.count, bytes[(place + 30)..<nameEnd].elementsEqual(entry.name.utf8),
      half(place + 8) == (entry.isDeflated ? 8 : 0)
    else {
      throw FormatError(
        name, .entry(entry.title), expected: "the name and method of the directory in its header",
        found: "others at byte \(place)")
    }
    return start
  }

  /// A name: UTF-8 where the entry says so, otherwise ASCII, which all other encodings share.
  private func text(_ range: Range<Int>, isUTF8: Bool) throws(FormatError) -> String {
    let name = String(decoding: bytes[range], as: UTF8.self)
    guard name.utf8.elementsEqual(bytes[range]), isUTF8 || name.utf8.allSatisfy({ $0 < 0x80 })
    else {
      throw FormatError(
        self.name, .byte(range.lowerBound), expected: "a name in \(isUTF8 ? "UTF-8" : "ASCII")",
        found: "other bytes")
    }
    return name
  }

  /// Two bytes, the lowest first.
  private func half(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }

  /// Four bytes, the lowest first.
  private func word(_ place: Int) -> Int { half(place) | half(place + 2) << 16 }
}
