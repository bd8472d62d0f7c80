import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of lines that grows while a program runs. One process at a time has it.
///
/// Safety: the descriptor belongs to this object, which closes it when it goes; it is written to under
/// the lock.
package final class LogFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let lock = Mutex(())

  /// Opens a file, or makes it.
  ///
  /// - Throws: ``FileError`` if it cannot be written, or another process has it.
  package init(_ path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw FileError("write", path, FileIO.text(of: EINVAL)) }
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileIO.failure("write", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let error = FileIO.failure("write", path)
      close(descriptor)
      throw isTaken ? FileError("write", path, "another process is writing it") : error
    }
  }

  deinit { close(descriptor) }

  /// Cuts the file behind its first bytes.
  package func truncate(to count: Int) throws(FileError) {
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw FileIO.failure("write", path) }
  }

  /// Writes lines behind the last one.
  package func append(_ lines: [String]) throws(FileError) {
    let text = lines.map { $0 + "\n" }.joined()
    let error = lock.withLock { _ in FileIO.write(Array(text.utf8), descriptor, path) }
    if let error { throw error }
  }

  /// Waits until everything is on the disk.
  package func sync() throws(FileError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileIO.failure("write", path) }
  }
}
