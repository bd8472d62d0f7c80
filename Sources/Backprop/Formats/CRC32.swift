package import BackpropCore
import CZlib

/// The checksum of gzip and PNG, computed piece by piece: it tells bytes that went wrong by accident.
///
/// Safety: zlib reads the bytes inside the call that they are given for.
package struct CRC32: Sendable {
  /// The checksum of what was added so far.
  package private(set) var value: UInt32 = 0

  /// Starts with nothing.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let start = part.baseAddress?.assumingMemoryBound(to: UInt8.self)
      value = UInt32(truncatingIfNeeded: crc32(uLong(value), start, uInt(part.count)))
      rest = rest.dropFirst(part.count)
    }
  }

  /// Adds bytes.
  package mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { add($0) } }

  /// Adds shape, type and elements of a tensor.
  package mutating func add(_ tensor: Tensor) {
    add(Array("\(tensor.scalarType.rawValue)\(tensor.shape)".utf8)[...])
    tensor.withBytes { add($0) }
  }

  /// The checksum as eight hexadecimal digits.
  package var digits: String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }
}

extension Dataset {
  /// Adds everything that training learns from.
  fileprivate func add(to sum: inout CRC32) {
    sum.add(inputs)
    sum.add(targets)
    if let weights { sum.add(weights) }
    for scaling in [scaling, targetScaling] {
      sum.add(Tensor(scaling?.offset ?? []))
      sum.add(Tensor(scaling?.scale ?? []))
    }
  }

  /// A checksum of samples, targets, weights and scaling, as in `crc32:1c291ca3`.
  package var checksum: String {
    var sum = CRC32()
    add(to: &sum)
    return "crc32:\(sum.digits)"
  }
}

extension DataSplit {
  /// A checksum of all parts.
  package var checksum: String {
    var sum = CRC32()
    for part in [training, validation, test] { part.add(to: &sum) }
    return "crc32:\(sum.digits)"
  }
}
