import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is written part by part and appears under its name only when it is whole, or
/// standard output.
///
/// Until then it stands beside its place under another name; whoever gives up removes it with
/// ``discard()``. Safety: the descriptor is used by one caller at a time, under the lock.
package final class FileSink: Sendable {
  /// The reader of standard output went away.
  package struct ReaderGone: Error {}

  private enum Stage { case open, finished, discarded }
  private let path: String?
  private let temporary: String
  private let descriptor: Int32
  private let stage = Mutex(Stage.open)

  /// Opens a file; nil stands for standard output.
  ///
  /// - Throws: ``FileError`` if it cannot be made, or a folder stands there.
  package init(path: String?) throws(FileError) {
    self.path = path
    if let path {
      guard !FileIO.isFolder(path) else { throw FileError("write", path, FileIO.text(of: EISDIR)) }
      (descriptor, temporary) = try FileIO.openedBeside(path)
    } else {
      (descriptor, temporary) = (STDOUT_FILENO, "")
    }
  }

  deinit {
    discard()
    if path != nil { close(descriptor) }
  }

  /// Writes what comes next.
  ///
  /// - Throws: ``FileError``; ``ReaderGone`` if nobody reads standard output any more;
  ///   `CancellationError` after ``discard()``.
  package func write(_ text: String) throws {
    try stage.withLock { stage in
      guard stage == .open else { throw CancellationError() }
      if let error = FileIO.write(Array(text.utf8), descriptor, path ?? "standard output") {
        if path == nil, errno == EPIPE { throw ReaderGone() }
        throw error
      }
    }
  }

  /// Gives the file its name.
  ///
  /// - Throws: ``FileError``; then nothing is left.
  package func finish() throws {
    try stage.withLock { stage in
      guard stage == .open else { throw CancellationError() }
      stage = .finished
      guard let path else { return }
      guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
        let error = FileIO.failure("write", path)
        unlink(temporary)
        throw error
      }
      try FileIO.syncFolder(of: path)
    }
  }

  /// Removes an unfinished file. Any thread may call this.
  ///
  /// - Returns: whether it was unfinished.
  @discardableResult
  package func discard() -> Bool {
    stage.withLock { stage in
      if stage == .open {
        if path != nil { unlink(temporary) }
        stage = .discarded
      }
      return stage == .discarded
    }
  }
}
