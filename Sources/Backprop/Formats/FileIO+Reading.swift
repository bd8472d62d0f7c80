#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reading: what a path may name, and how much of it is taken in.
///
/// Safety: as in `FileIO.swift`; a descriptor is closed by the function that opened it, or belongs
/// to its caller.
extension FileIO {
  /// A pipe gives no more than this many bytes, unless a caller allows less: 4 GiB.
  package static let pipeLimit = 1 << 32

  /// The bytes of a file, or of a pipe that somebody writes to.
  ///
  /// A named pipe waits for its writer, as pipes do. Devices are refused, since some never end.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes; nil for the memory of this machine.
  /// - Throws: ``FileError`` with the system's reason if the file is missing, a folder, or not ours
  ///   to read; or if it is a device, or larger than the limit.
  package static func read(_ path: String, limit: Int? = nil) throws(FileError) -> [UInt8] {
    let (descriptor, kind, size) = try openedToRead(path)
    defer { close(descriptor) }
    guard kind != S_IFCHR, kind != S_IFBLK else {
      throw FileError("read", path, "it is a device, not a file")
    }
    let isPipe = kind != S_IFREG
    let limit = limit ?? (isPipe ? pipeLimit : .max)
    if !isPipe {
      guard size <= limit else { throw tooLarge(path, limit) }
      try MachineMemory.check(fileSize: size, path)
    }

    var bytes: [UInt8] = []
    bytes.reserveCapacity(isPipe ? 0 : size)
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = chunk.withUnsafeMutableBytes { Self.retried(descriptor, $0) }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return bytes }
      // A file may grow while it is read.
      guard count <= limit - bytes.count else { throw tooLarge(path, limit) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// The bytes of a file that belongs to a folder, such as a run's: a plain file within it.
  ///
  /// A run may come from somebody else, so its parts must be in it: a link that leads out of the
  /// folder, a pipe or a device is an error.
  ///
  /// - Parameters:
  ///   - name: the file's name in the folder.
  ///   - folder: the folder, itself perhaps a link.
  ///   - limit: the most bytes; nil for the memory of this machine.
  /// - Throws: ``FileError``, as ``read(_:limit:)``.
  package static func read(
    _ name: String, in folder: String, limit: Int? = nil
  ) throws(FileError) -> [UInt8] {
    let path = "\(folder)/\(name)"
    var status = stat()
    if !path.utf8.contains(0), stat(path, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      guard kind == S_IFREG || kind == S_IFDIR else {
        throw FileError("read", path, "it is a pipe or a device, not a file")
      }
      if let inner = resolved(path), let outer = resolved(folder) {
        guard inner.hasPrefix(outer == "/" ? outer : outer + "/") else {
          throw FileError("read", path, "it is a link to \(inner), outside of the folder")
        }
      }
    }
    return try read(path, limit: limit)
  }

  /// Opens a file to read it.
  ///
  /// - Returns: a descriptor that is the caller's, the kind of file (a pattern of `S_IFMT`), and the
  ///   size of a plain file.
  static func openedToRead(
    _ path: String
  ) throws(FileError) -> (descriptor: Int32, kind: mode_t, size: Int) {
    let descriptor = try opened(path, O_RDONLY | O_CLOEXEC, for: "read")
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = failure("read", path)
      close(descriptor)
      throw error
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      close(descriptor)
      throw FileError("read", path, text(of: EISDIR))
    }
    return (descriptor, kind, max(0, Int(status.st_size)))
  }

  private static func tooLarge(_ path: String, _ limit: Int) -> FileError {
    FileError("read", path, "it has more than the \(limit) bytes that are allowed")
  }

  /// The path without links, `.` and `..`; nil if it cannot be told.
  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
