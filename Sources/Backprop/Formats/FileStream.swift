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

  /// Opens a file.
  ///
  /// - Throws: ``FileError`` with the system's reason if the file is missing, a folder, or not ours
  ///   to read.
  package init(path: String) throws(FileError) {
    let descriptor = try FileIO.opened(path, O_RDONLY | O_CLOEXEC, for: "read")
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = FileIO.failure("read", path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw FileError("read", path, FileIO.text(of: EISDIR))
    }
    (name, self.descriptor, isOwned) = (path, descriptor, true)
    size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
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
