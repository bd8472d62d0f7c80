extension CSVScanner {
  /// A byte in an error.
  static func name(_ byte: UInt8) -> String {
    switch byte {
    case 0x09: "a tab"
    case 0x21..<0x7f: "'\(Unicode.Scalar(byte))'"
    case 0x20: "a space"
    default: "the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
    }
  }

  /// The length of the UTF-8 character that bytes start with; 0 if it is cut off, −1 if it is none.
  static func utf8Length(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let first = bytes[0]
    // The length, and the bounds of the second byte (no overlong forms, no surrogates).
    let (length, low, high): (Int, UInt8, UInt8) =
      switch first {
      case 0xc2...0xdf: (2, 0x80, 0xbf)
      case 0xe0: (3, 0xa0, 0xbf)
      case 0xed: (3, 0x80, 0x9f)
      case 0xe1...0xef: (3, 0x80, 0xbf)
      case 0xf0: (4, 0x90, 0xbf)
      case 0xf1...0xf3: (4, 0x80, 0xbf)
      case 0xf4: (4, 0x80, 0x8f)
      default: (-1, 0, 0)
      }
    guard length > 0 else { return -1 }
    for (index, byte) in bytes.dropFirst().prefix(length - 1).enumerated() {
      let isGood = index == 0 ? byte >= low && byte <= high : byte & 0xc0 == 0x80
      guard isGood else { return -1 }
    }
    return bytes.count >= length ? length : 0
  }
}
