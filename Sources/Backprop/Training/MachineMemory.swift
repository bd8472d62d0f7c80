#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What this machine can hold: a network that a flag or a file asks for must not end the process.
package enum MachineMemory {
  /// The physical memory in bytes.
  package static let byteCount: Int = {
    let (pages, size) = (Int(sysconf(Int32(_SC_PHYS_PAGES))), Int(sysconf(Int32(_SC_PAGESIZE))))
    return pages > 0 && size > 0 ? pages * size : .max
  }()

  /// Checks that a file fits that is to be in memory as a whole.
  ///
  /// - Throws: ``FileError`` if it is larger than the memory of this machine.
  static func check(fileSize size: Int, _ path: String) throws(FileError) {
    guard size > byteCount else { return }
    throw FileError(
      "read", path, "it has \(size >> 20) MiB; this machine has \(byteCount >> 20) MiB of memory")
  }

  /// Checks that a training state fits.
  ///
  /// - Throws: ``ConfigurationError`` if it is larger than the memory of this machine.
  static func check(stateByteCount: Int) throws {
    guard stateByteCount > byteCount else { return }
    throw ConfigurationError(
      "network",
      "the network and its optimizer take \(stateByteCount >> 30) GiB; this machine has "
        + "\(byteCount >> 30) GiB of memory")
  }
}
