#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension FileIO {
  /// Where bytes go: into a file beside its place, which takes the place when it is whole; or straight into what stands
  /// there, if that is a device or a pipe. A symbolic link is followed, and stays.
  struct Destination: Sendable {
    /// Open for writing.
    let descriptor: Int32
    /// What errors call it.
    let name: String
    private let path: String
    private let temporary: String?

    /// Opens a destination.
    ///
    /// - Throws: ``FileError`` if nothing can be written there.
    init(_ name: String) throws(FileError) {
      guard !name.utf8.contains(0) else { throw FileError("write", name, text(of: EINVAL)) }
      self.name = name
      path = try Self.followed(name)
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
        guard status.st_mode & S_IFMT != S_IFDIR else {
          throw FileError("write", name, text(of: EISDIR))
        }
        (descriptor, temporary) = (try opened(path, O_WRONLY | O_CLOEXEC, for: "write"), nil)
      } else {
        let beside = try openedBeside(path, name: name)
        (descriptor, temporary) = (beside.0, beside.1)
      }
    }

    /// Gives the file its name; what cannot be renamed is removed.
    ///
    /// - Throws: ``FileError``.
    func finish() throws(FileError) {
      guard let temporary else { return }
      guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
        let error = failure("write", name)
        unlink(temporary)
        throw error
      }
      try syncFolder(of: path)
    }

    /// Removes an unfinished file.
    func discard() {
      if let temporary { unlink(temporary) }
    }

    /// What a path names in the end.
    private static func followed(_ path: String) throws(FileError) -> String {
      var path = path
      for _ in 0..<40 {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path, &buffer, buffer.count - 1)
        guard count > 0 else { return path }  // no link
        let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        path = target.hasPrefix("/") ? target : folder + target
      }
      throw FileError("write", path, text(of: ELOOP))
    }
  }
}
