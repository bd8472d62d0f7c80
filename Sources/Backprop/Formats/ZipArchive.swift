/// The files within a zip archive, as far as NPZ needs them: stored or deflated, in one part, below
/// 4 GiB each.
///
/// ```
/// file: header, name, data | file | … | directory: an entry for each file | end of directory
/// ```
///
/// The directory is what counts. Files may not overlap each other or the directory, nothing may
/// come twice, and nothing is unpacked before its size has been held against what its data can give.
///
/// - Source: PKWARE, ".ZIP File Format Specification" (APPNOTE.TXT) 6.3.10, sections 4.3 and 4.4.
struct ZipArchive {
  /// A file of the archive.
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let packedSize, size: Int
    /// Where the file's own header stands.
    let offset: Int

    /// The file in an error.
    var title: String { "entry \(FormatError.quoted(name))" }
  }

  /// The files, in the order of the directory.
  let entries: [Entry]
  private let bytes: [UInt8]
  private let name: String
  private let directory: Range<Int>

  /// Reads the directory; `name` stands for the archive in errors.
  init(_ bytes: [UInt8], name: String) throws(FormatError) {
    let reader = ZipReader(bytes, name: name)
    let end = try reader.directoryEnd()
    var entries: [Entry] = []
    var names: Set<String> = []
    var offset = end.directory.lowerBound
    for _ in 0..<end.count {
      let (entry, next) = try reader.entry(at: offset, within: end.directory)
      guard names.insert(entry.name).inserted else {
        throw FormatError(
          name, .byte(offset), expected: "names that differ", found: "\(entry.title) again")
      }
      entries.append(entry)
      offset = next
    }
    guard offset == end.directory.upperBound else {
      throw FormatError(
        name, .byte(offset), expected: "the end of the directory, after \(end.count) entries",
        found: "\(end.directory.upperBound - offset) more bytes")
    }
    (self.bytes, self.name, self.entries) = (bytes, name, entries)
    directory = end.directory
    try checkPlaces(reader)
  }

  /// The content of a file, its checksum verified.
  func content(of entry: Entry) throws(FormatError) -> [UInt8] {
    let start = try ZipReader(bytes, name: name).dataStart(of: entry)
    let packed = bytes[start..<(start + entry.packedSize)]
    let content: [UInt8]
    if entry.isDeflated {
      do {
        content = try Inflate.unpack(packed, count: entry.size)
      } catch {
        throw FormatError(name, .entry(entry.title), expected: error.expected, found: error.found)
      }
    } else {
      content = Array(packed)
    }
    let checksum = Inflate.checksum(content[...])
    guard checksum == entry.checksum else {
      throw FormatError(
        name, .entry(entry.title), expected: "the checksum \(Self.digits(entry.checksum))",
        found: "\(Self.digits(checksum)) (the data is damaged)")
    }
    return content
  }

  /// Files must lie between the archive's start and its directory, one behind the other.
  private func checkPlaces(_ reader: ZipReader) throws(FormatError) {
    var end = 0
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset >= end else {
        throw FormatError(
          name, .entry(entry.title), expected: "a file that begins at \(end) or behind it",
          found: "one at \(entry.offset), within another")
      }
      let start = try reader.dataStart(of: entry)
      guard entry.packedSize <= directory.lowerBound - start else {
        throw FormatError(
          name, .entry(entry.title),
          expected: "data that ends before the directory at \(directory.lowerBound)",
          found: "\(entry.packedSize) bytes from \(start) on")
      }
      end = start + entry.packedSize
    }
  }

  private static func digits(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
