#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A value in memory of its own, between two pages that nobody may touch.
///
///     inaccessible page │ fill … fill │ value │ slack of fill │ inaccessible page
///
/// `slack` is what kernels may read behind the value. All that is not the value holds `fill`, so stores outside of it
/// show. With `atStart`, the value begins behind the first page instead.
final class GuardedMemory {
  let byteCount: Int
  let address: UnsafeMutableRawPointer
  private let fill: UInt8
  private let whole: UnsafeMutableRawPointer
  private let wholeCount: Int
  private let usable: UnsafeMutableRawBufferPointer

  /// As NaN in any real type: what is computed from it shows.
  static let poison: UInt8 = 0xff
  /// No result of arithmetic on ``poison``.
  static let canary: UInt8 = 0xa5

  init(byteCount: Int, slack: Int, fill: UInt8, atStart: Bool = false) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let inner = (byteCount + slack + 64 + page - 1) / page * page
    wholeCount = inner + 2 * page
    whole = mmap(nil, wholeCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(whole != MAP_FAILED, "no memory")
    precondition(mprotect(whole, page, PROT_NONE) == 0)
    precondition(mprotect(whole + page + inner, page, PROT_NONE) == 0)
    usable = .init(start: whole + page, count: inner)
    self.byteCount = byteCount
    self.fill = fill
    address = atStart ? whole + page : whole + page + inner - slack - byteCount
    reset()
  }

  deinit { munmap(whole, wholeCount) }

  /// Fills everything anew.
  func reset() { memset(usable.baseAddress!, Int32(fill), usable.count) }

  /// Writes `rows` rows of elements, `pitch` elements apart.
  func write<T>(_ elements: ArraySlice<T>, rows: Int, pitch: Int, at offset: Int = 0) {
    let width = rows == 0 ? 0 : elements.count / rows
    elements.withUnsafeBufferPointer { source in
      for row in 0..<(width == 0 ? 0 : rows) {
        memcpy(
          address + (offset + row * pitch) * MemoryLayout<T>.stride,
          source.baseAddress! + row * width,
          width * MemoryLayout<T>.stride)
      }
    }
  }

  /// Reads rows of elements, and puts the fill in their place.
  func take<T>(_: T.Type, rows: Int, width: Int, pitch: Int, at offset: Int = 0) -> [T] {
    // The standard library writes the count of an empty array to one that all threads share.
    if rows * width == 0 { return [] }
    return Array(unsafeUninitializedCapacity: rows * width) { buffer, count in
      count = rows * width
      for row in 0..<rows {
        let place = address + (offset + row * pitch) * MemoryLayout<T>.stride
        memcpy(buffer.baseAddress! + row * width, place, width * MemoryLayout<T>.stride)
        memset(place, Int32(fill), width * MemoryLayout<T>.stride)
      }
    }
  }

  /// The number of bytes that do not hold the fill: 0 once every value is taken.
  var strayCount: Int {
    // All bytes are the first one if each equals the next.
    let start = usable.baseAddress!
    if usable[0] == fill && memcmp(start, start + 1, usable.count - 1) == 0 { return 0 }
    var count = 0
    for byte in usable where byte != fill { count &+= 1 }
    return count
  }
}

extension UnsafeRawBufferPointer {
  func elementsEqualAsMemory(_ other: UnsafeRawBufferPointer) -> Bool {
    count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
  }
}
