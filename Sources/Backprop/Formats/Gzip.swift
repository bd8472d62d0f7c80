import CZlib

/// Reads gzip data piece by piece, so that the caller, never the data, decides how much is
/// unpacked.
///
/// Every checksum is verified. Several gzip members one after the other are one content, as the
/// format has it; anything else behind the end is an error.
///
/// Safety: the stream's memory belongs to this object and has one address for its life, which zlib
/// relies on. The pointers into input and output are set before each call of `inflate` and are not
/// used after it.
package final class GzipReader {
  /// Whether data begins as gzip does.
  package static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

  /// No deflate data unpacks to more than this many times its size.
  package static let largestRatio = 1032

  private let bytes: [UInt8]
  private let name: String
  private let stream: UnsafeMutablePointer<z_stream>
  private var offset = 0
  private var ended = false

  /// Starts at the first byte.
  package init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15: the largest window; 16: a gzip header and trailer, not zlib's own.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// An upper bound of the bytes that are still to come.
  package var capacity: Int {
    let (product, overflow) = (bytes.count - offset).multipliedReportingOverflow(
      by: Self.largestRatio)
    // What inflate has taken in and not yet given out fits its window.
    return overflow ? .max : product.addingReportingOverflow(1 << 16).partialValue
  }

  /// The next `count` bytes of the content, fewer only where it ends.
  package func read(_ count: Int) throws(FormatError) -> [UInt8] {
    var content: [UInt8] = []
    // As much as most files need; what promises more gets memory as its content comes.
    content.reserveCapacity(min(count, capacity, 1 << 26))
    while content.count < count, !ended {
      content += try unpacked(upTo: min(count - content.count, 1 << 20))
    }
    return content
  }

  private func unpacked(upTo count: Int) throws(FormatError) -> [UInt8] {
    var status = Z_OK
    let start = offset
    let output = [UInt8](unsafeUninitializedCapacity: count) { output, produced in
      bytes.withUnsafeBufferPointer { input in
        let given = min(input.count - offset, 1 << 30)
        stream.pointee.next_in = input.baseAddress.map {
          UnsafeMutablePointer(mutating: $0 + offset)
        }
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(count)
        status = inflate(stream, Z_NO_FLUSH)
        offset += given - Int(stream.pointee.avail_in)
        produced = count - Int(stream.pointee.avail_out)
      }
    }
    switch status {
    case Z_STREAM_END: try endMember()
    case Z_OK where !output.isEmpty || offset > start: break
    case Z_OK, Z_BUF_ERROR:
      throw FormatError(
        name, .byte(bytes.count), expected: "more gzip data",
        found: "the end of the file (truncated?)")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
      throw FormatError(
        name, .byte(offset), expected: "undamaged gzip data", found: "damage (zlib: \(reason))")
    }
    return output
  }

  /// Behind a member stands the end of the file or another member.
  private func endMember() throws(FormatError) {
    if offset == bytes.count {
      ended = true
    } else if bytes[offset...].starts(with: [0x1f, 0x8b]) {
      inflateReset(stream)
    } else {
      throw FormatError(
        name, .byte(offset), expected: "the end of the gzip file",
        found: "\(bytes.count - offset) more bytes")
    }
  }
}
