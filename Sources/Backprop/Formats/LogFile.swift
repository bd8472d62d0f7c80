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
/// Lines that a full disk has no room for wait until there is room again; a process that ends before
/// has lost them.
///
/// Safety: the descriptor belongs to this object, which closes it when it goes; it is written to under
/// the lock.
package final class LogFile: Sendable {
  private struct Shared {
    var path: String
    /// What could not be written yet.
    var waiting: [UInt8] = []
  }
  private let descriptor: Int32
  private let shared: Mutex<Shared>

  /// Opens a file, or makes it.
  ///
  /// - Throws: ``FileError`` if it cannot be written, or another process has it.
  package init(_ path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw FileError("write", path, FileIO.text(of: EINVAL)) }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileIO.failure("write", path) }
    // Before a member is set: where all are, throwing runs `deinit`, which would close it again.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let error = FileIO.failure("write", path)
      close(descriptor)
      throw isTaken ? FileError("write", path, "another process is writing it") : error
    }
    self.descriptor = descriptor
    shared = Mutex(Shared(path: path))
  }

  deinit { close(descriptor) }

  /// What errors call it, after its folder was moved.
  package func moved(to path: String) { shared.withLock { $0.path = path } }

  /// Cuts the file behind its first bytes.
  package func truncate(to count: Int) throws(FileError) {
    let path = shared.withLock { $0.path }
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw FileIO.failure("write", path) }
  }

  /// Writes lines behind the last one, as soon as there is room for them.
  package func append(_ lines: [String]) {
    let text = lines.map { $0 + "\n" }.joined()
    shared.withLock { shared in
      shared.waiting += Array(text.utf8)
      _ = writeWaiting(&shared)
    }
  }

  /// Waits until everything is on the disk.
  ///
  /// - Throws: ``FileError`` if there is no room for some lines.
  package func sync() throws(FileError) {
    let (path, problem) = shared.withLock { ($0.path, writeWaiting(&$0)) }
    if let problem { throw problem }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileIO.failure("write", path) }
  }

  private func writeWaiting(_ shared: inout Shared) -> FileError? {
    guard !shared.waiting.isEmpty else { return nil }
    let end = lseek(descriptor, 0, SEEK_END)
    if let error = FileIO.write(shared.waiting, descriptor, shared.path) {
      // No part of a line stays.
      if end >= 0 { _ = ftruncate(descriptor, end) }
      return error
    }
    shared.waiting = []
    return nil
  }
}
