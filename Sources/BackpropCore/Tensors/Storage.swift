#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The one owner of aligned memory: every tensor, state, arena and constant of the package lives in one.
///
/// ```
/// address ──▶ [ byteCount bytes, 64-byte aligned, zero at first ][ slack: readable, never part of a value ]
/// ```
///
/// Kernels load whole vectors, so ``slack`` bytes behind the end may be read. They are zero and stay zero. Values that
/// share a storage stand `room(for:)` bytes apart.
///
/// Safety of `@unchecked Sendable`: the owners (``Tensor``, training states) are values that copy a shared storage
/// before they write to it, so a storage that two tasks can see is never written; a workspace's storage is used by
/// one caller at a time.
public final class Storage: @unchecked Sendable {
  /// Bytes behind the end that may be read.
  public static let slack = 256
  /// Alignment of the first byte.
  public static let alignment = 64

  /// The bytes that a value takes in a storage of several: whole cache lines, and one more. So two threads never write
  /// to one line for two values, and a vector that is read at the end of a value holds nothing that is being written.
  package static func room(for byteCount: Int) -> Int {
    (byteCount + alignment - 1) / alignment * alignment + alignment
  }

  /// The first byte.
  package let address: UnsafeMutableRawPointer
  /// The number of bytes that values may use.
  public let byteCount: Int

  /// Allocates zeroed memory.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "a storage cannot hold \(byteCount) bytes")
    self.byteCount = byteCount
    address = Self.allocate(byteCount)
    address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount + Self.slack)
  }

  /// Allocates a copy.
  package init(copying other: Storage) {
    byteCount = other.byteCount
    address = Self.allocate(byteCount)
    address.copyMemory(from: other.address, byteCount: byteCount + Self.slack)
  }

  /// Memory with its slack. Of large ones Linux is asked for pages of 2 MiB, wherever all of a page is used: a core then
  /// finds with one entry of its tables what would take 512.
  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    #if os(Linux)
      if byteCount >= 2 * largePage {
        let address = UnsafeMutableRawPointer.allocate(
          byteCount: byteCount + slack, alignment: largePage)
        // Where it cannot be had, all works as before.
        _ = madvise(address, byteCount / largePage * largePage, MADV_HUGEPAGE)
        return address
      }
    #endif
    return .allocate(byteCount: byteCount + slack, alignment: alignment)
  }

  private static let largePage = 1 << 21

  deinit { address.deallocate() }

  /// The elements at a byte offset.
  package func pointer<T>(to type: T.Type, at byteOffset: Int = 0) -> UnsafeMutablePointer<T> {
    (address + byteOffset).assumingMemoryBound(to: type)
  }
}
