import CZlib

/// Deflate data without a header, and the checksum of zip archives.
///
/// Safety: the stream lives, at one address, inside the one call that uses it; the pointers into
/// input and output are those that the standard library gives for that call.
enum Inflate {
  /// What is wrong with packed data.
  struct Failure: Error {
    let expected, found: String
  }

  /// Unpacks data that must give exactly `count` bytes; both sizes are below 4 GiB.
  static func unpack(
    _ packed: ArraySlice<UInt8>, count: Int
  ) throws(Failure) -> [UInt8] {
    precondition(packed.count < UInt32.max && count < UInt32.max, "too large for one call")
    var stream = z_stream()
    var status = Z_OK
    // One byte more than allowed, so that too much is told from enough.
    let content = [UInt8](unsafeUninitializedCapacity: count + 1) { output, produced in
      packed.withUnsafeBufferPointer { input in
        withUnsafeMutablePointer(to: &stream) { stream in
          // −15: the largest window, no header and no trailer.
          let size = Int32(MemoryLayout<z_stream>.size)
          precondition(inflateInit2_(stream, -15, ZLIB_VERSION, size) == Z_OK, "zlib cannot start")
          stream.pointee.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
          stream.pointee.avail_in = UInt32(input.count)
          stream.pointee.next_out = output.baseAddress
          stream.pointee.avail_out = UInt32(count + 1)
          status = inflate(stream, Z_FINISH)
          inflateEnd(stream)
        }
      }
      produced = count + 1 - Int(stream.avail_out)
    }
    guard content.count <= count else {
      throw Failure(expected: "data that unpacks to \(count) bytes", found: "more")
    }
    guard status == Z_STREAM_END else {
      let isDamaged = status != Z_OK && status != Z_BUF_ERROR
      let reason = stream.msg.map { String(cString: $0) } ?? "error \(status)"
      throw Failure(
        expected: isDamaged ? "undamaged deflate data" : "more deflate data",
        found: isDamaged ? "damage (zlib: \(reason))" : "its end")
    }
    guard content.count == count, stream.avail_in == 0 else {
      throw Failure(
        expected: "\(packed.count) bytes that unpack to \(count)",
        found: "\(packed.count - Int(stream.avail_in)) bytes that unpack to \(content.count)")
    }
    return content
  }

  /// The CRC-32 of bytes.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      var sum = crc32(0, nil, 0)
      for start in stride(from: 0, to: buffer.count, by: 1 << 30) {
        let part = buffer[start...].prefix(1 << 30)
        sum = crc32(sum, UnsafeBufferPointer(rebasing: part).baseAddress, UInt32(part.count))
      }
      return UInt32(truncatingIfNeeded: sum)
    }
  }
}
