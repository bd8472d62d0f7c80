/// Reads a file's content from its start, unpacked first where the file is gzip.
///
/// Whether it is gzip is told by the first two bytes (1f 8b), not by the name.
struct ContentReader {
  /// The file, for errors about its content.
  let name: String
  /// How many bytes were read.
  private(set) var offset = 0
  private let bytes: [UInt8]
  private let gzip: GzipReader?

  /// Starts at the content's first byte.
  init(_ bytes: [UInt8], name: String) {
    gzip = GzipReader.recognises(bytes) ? GzipReader(bytes, name: name) : nil
    self.name = gzip == nil ? name : "\(name), unpacked"
    self.bytes = bytes
  }

  /// An upper bound of the bytes that are still to come; exact for plain files.
  var capacity: Int { gzip?.capacity ?? bytes.count - offset }

  /// The next `count` bytes, fewer only where the content ends.
  mutating func read(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
    if let gzip {
      let content = try gzip.read(count)
      offset += content.count
      return content[...]
    }
    let content = bytes[offset...].prefix(count)
    offset += content.count
    return content
  }
}
