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
/// ``discard()``. A device or a pipe gets each part at once. Safety: the descriptor is used by one caller at a time, under the lock.
package final class FileSink: Sendable {
  /// The reader of standard output went away.
  package struct ReaderGone: Error {}

  private enum Stage { case open, finished, discarded }
  /// Nil for standard output.
  private let destination: FileIO.Destination?
  private let stage = Mutex(Stage.open)

  /// Opens a file; nil stands for standard output.
  ///
  /// - Throws: ``FileError`` if it cannot be made, or a folder stands there.
  package init(path: String?) throws(FileError) {
    destination = try path.map { path throws(FileError) in try FileIO.Destination(path) }
  }

  deinit {
    discard()
    if let destination { close(destination.descriptor) }
  }

  /// Writes what comes next.
  ///
  /// - Throws: ``FileError``; ``ReaderGone`` if nobody reads standard output any more;
  ///   `CancellationError` after ``discard()``.
  package func write(_ text: String) throws {
    try stage.withLock { stage in
      guard stage == .open else { throw CancellationError() }
      let descriptor = destination?.descriptor ?? STDOUT_FILENO
      let name = destination?.name ?? "standard output"
      if let error = FileIO.write(Array(text.utf8), descriptor, name) {
        if destination == nil, errno == EPIPE { throw ReaderGone() }
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
      try destination?.finish()
    }
  }

  /// Removes an unfinished file. Any thread may call this.
  ///
  /// - Returns: whether it was unfinished.
  @discardableResult
  package func discard() -> Bool {
    stage.withLock { stage in
      if stage == .open {
        destination?.discard()
        stage = .discarded
      }
      return stage == .discarded
    }
  }
}
