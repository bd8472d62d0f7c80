#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file, or standard input, read in chunks from its start: never more than a chunk in memory.
///
/// Safety: the descriptor belongs to this object, which closes it when it goes; a chunk is filled
/// inside the call that the standard library gives its memory for.
package final class FileStream {
  /// The path, or `standard input`.
  package let name: String
  /// The bytes of a plain file; nil for a pipe or a terminal.
  package let size: Int?
  private let descriptor: Int32
  private let isOwned: Bool

  /// Opens a file; a named pipe waits for its writer.
  ///
  /// - Throws: ``FileError`` with the system's reason if the file is missing, a folder, or not ours
  ///   to read.
  package init(path: String) throws(FileError) {
    let (descriptor, kind, size) = try FileIO.openedToRead(path)
    (name, self.descriptor, isOwned) = (path, descriptor, true)
    self.size = kind == S_IFREG ? size : nil
  }

  /// Reads standard input.
  package init(standardInput name: String = "standard input") {
    (self.name, descriptor, isOwned, size) = (name, 0, false, nil)
  }

  deinit { if isOwned { close(descriptor) } }

  /// The next bytes, at most `count`, fewer where no more are there yet; none at the end.
  package func read(_ count: Int) throws(FileError) -> [UInt8] {
    var read = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      read = FileIO.retried(descriptor, UnsafeMutableRawBufferPointer(buffer))
      initialized = max(0, read)
    }
    guard read >= 0 else { throw FileIO.failure("read", name) }
    return chunk
  }
}
