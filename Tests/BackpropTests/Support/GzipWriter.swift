/// Makes gzip files for tests: stored without compression, or zeros packed as tightly as the format
/// can.
enum GzipWriter {
  /// A gzip file with this content, in stored blocks.
  static func stored(_ content: [UInt8]) -> [UInt8] {
    var bytes = header
    for start in stride(from: 0, through: max(0, content.count - 1), by: 0xffff) {
      let block = content[start...].prefix(0xffff)
      let isLast = start + 0xffff >= content.count
      bytes.append(isLast ? 1 : 0)
      bytes += [UInt8(block.count & 0xff), UInt8(block.count >> 8)]
      bytes += [UInt8(~block.count & 0xff), UInt8(~block.count >> 8 & 0xff)]
      bytes += block
    }
    return bytes + word(crc(content)) + word(UInt32(content.count))
  }

  /// A gzip file whose content is `prefix` and then at least `count` zeros: 258 of them in 13 bits.
  /// Its checksum is wrong, which a reader that unpacks all of it finds.
  static func bomb(prefix: [UInt8], zeros count: Int) -> [UInt8] {
    var bits = Bits()
    bits.append(1, 1)  // last block
    bits.append(1, 2)  // fixed codes
    for byte in prefix + [0] {
      if byte < 144 {
        bits.appendCode(0x30 + UInt32(byte), 8)
      } else {
        bits.appendCode(0x190 + UInt32(byte) - 144, 9)
      }
    }
    for _ in 0..<(count / 258 + 1) {
      bits.appendCode(0xc5, 8)  // 285: length 258
      bits.appendCode(0, 5)  // distance 1
    }
    bits.appendCode(0, 7)  // end of block
    return header + bits.bytes + [UInt8](repeating: 0, count: 8)
  }

  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]

  static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private struct Bits {
    var bytes: [UInt8] = []
    private var used = 8

    /// Bits from the lowest up.
    mutating func append(_ value: UInt32, _ count: Int) {
      for bit in 0..<count {
        if used == 8 {
          bytes.append(0)
          used = 0
        }
        bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << used
        used += 1
      }
    }

    /// A Huffman code: its highest bit first.
    mutating func appendCode(_ value: UInt32, _ count: Int) {
      for bit in (0..<count).reversed() { append(value >> bit & 1, 1) }
    }
  }
}
