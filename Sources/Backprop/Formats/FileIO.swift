#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Whole files: read at once, and written so that nobody ever sees half a file.
///
/// Safety: the only pointers here are those of arrays and strings inside the call that the standard
/// library gives them for; no pointer and no file descriptor outlives the function that made it.
package enum FileIO {
  /// Writes a file beside its place, syncs it, and renames it: afterwards the path holds either
  /// what it held before or all the bytes, even if the machine stops in between. A failure leaves
  /// nothing behind. Devices and pipes are written to as they are.
  package static func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
    let destination = try Destination(path)
    defer { close(destination.descriptor) }
    if let problem = write(bytes, destination.descriptor, path) {
      destination.discard()
      throw problem
    }
    try destination.finish()
  }

  /// Whether something stands at a path.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// Whether a folder stands at a path.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The value of an environment variable, nil if it is not set or empty.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// A file of its own beside `path`, empty and open; errors call it `name`.
  static func openedBeside(_ path: String, name: String) throws(FileError) -> (Int32, String) {
    for attempt in 0..<100 {
      let temporary = "\(path).\(getpid())-\(attempt).tmp"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      guard errno == EEXIST || errno == EINTR else { break }
    }
    throw failure("write", name)
  }

  static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) -> FileError? {
    bytes.withUnsafeBytes { all in
      var rest = all[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
        #if canImport(Darwin)
          let count = Darwin.write(descriptor, part.baseAddress, part.count)
        #elseif canImport(Glibc)
          let count = Glibc.write(descriptor, part.baseAddress, part.count)
        #elseif canImport(Musl)
          let count = Musl.write(descriptor, part.baseAddress, part.count)
        #endif
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          return failure("write", path)
        }
      }
      return nil
    }
  }

  /// Makes a rename last. Some file systems cannot sync a folder; the file itself is in place even
  /// then.
  package static func syncFolder(of path: String) throws(FileError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = try opened(folder, O_RDONLY | O_CLOEXEC, for: "write")
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw failure("write", path) }
  }

  static func opened(
    _ path: String, _ flags: Int32, for action: String
  ) throws(FileError) -> Int32 {
    guard !path.utf8.contains(0) else { throw FileError(action, path, text(of: EINVAL)) }
    var descriptor = open(path, flags)
    while descriptor < 0, errno == EINTR { descriptor = open(path, flags) }
    guard descriptor >= 0 else { throw failure(action, path) }
    return descriptor
  }

  /// One `read`, again if a signal came between.
  static func retried(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      #if canImport(Darwin)
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Glibc)
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 || errno != EINTR { return count }
    }
  }

  static func failure(_ action: String, _ path: String) -> FileError {
    FileError(action, path, text(of: errno))
  }

  static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}
