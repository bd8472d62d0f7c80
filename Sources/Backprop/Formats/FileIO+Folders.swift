#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension FileIO {
  /// Makes a folder and those above it that are missing; their names last, as those of files do.
  ///
  /// - Returns: the folders that were made, the outermost first.
  /// - Throws: ``FileError`` if one cannot be made; then none of them is left.
  package static func makeFolders(_ path: String) throws(FileError) -> [String] {
    guard !path.utf8.contains(0) else { throw folderFailure("make", path, EINVAL) }
    var made: [String] = []
    var end = path.startIndex
    while end < path.endIndex {
      let next = path[end...].dropFirst().firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<next])
      end = next
      if mkdir(part, 0o777) == 0 {
        made.append(part)
      } else if errno != EEXIST || !isFolder(part) {
        let error = folderFailure("make", part, errno == EEXIST ? ENOTDIR : errno)
        removeEmptyFolders(made)
        throw error
      }
    }
    do {
      for part in made { try syncFolder(of: part) }
    } catch {
      removeEmptyFolders(made)
      throw error
    }
    return made
  }

  /// Makes one folder that must not be there yet.
  package static func makeFolder(_ path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw folderFailure("make", path, EINVAL) }
    guard mkdir(path, 0o777) == 0 else { throw folderFailure("make", path, errno) }
  }

  /// Gives a folder its final name, where nothing may stand yet.
  ///
  /// - Returns: whether the name was free.
  package static func moveFolder(_ path: String, to name: String) throws(FileError) -> Bool {
    guard !name.utf8.contains(0) else { throw folderFailure("make", name, EINVAL) }
    // `rename` would put a folder in the place of an empty one.
    if exists(name) { return false }
    if rename(path, name) == 0 { return true }
    guard errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR else {
      throw folderFailure("make", name, errno)
    }
    return false
  }

  /// Removes files and then the folder that held them, as far as they are there.
  package static func removeFolder(_ path: String, holding files: [String]) {
    for file in files { unlink("\(path)/\(file)") }
    rmdir(path)
  }

  /// Removes folders, the last first; one that holds something stays.
  package static func removeEmptyFolders(_ paths: [String]) {
    for path in paths.reversed() { rmdir(path) }
  }

  /// The names in a folder, sorted; none if it is not there.
  package static func names(in folder: String) -> [String] {
    guard !folder.utf8.contains(0), let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, if it is there.
  package static func removeFile(_ path: String) { unlink(path) }

  /// What stands at a path, links not followed.
  package enum Kind: Sendable { case nothing, file, folder, other }

  /// What stands at a path: a link is `other`, wherever it points to.
  package static func kind(of path: String) -> Kind {
    var status = stat()
    guard lstat(path, &status) == 0 else { return .nothing }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  /// Gives a file a second name, in place of what may have had it; nobody ever sees the name missing.
  package static func link(_ path: String, as name: String) throws(FileError) {
    let temporary = "\(name).\(processNumber).tmp"
    unlink(temporary)
    guard linked(path, temporary) == 0, rename(temporary, name) == 0 else {
      let error = failure("write", name)
      unlink(temporary)
      throw error
    }
    try syncFolder(of: name)
  }

  private static func linked(_ path: String, _ name: String) -> Int32 {
    #if canImport(Darwin)
      Darwin.link(path, name)
    #elseif canImport(Glibc)
      Glibc.link(path, name)
    #elseif canImport(Musl)
      Musl.link(path, name)
    #endif
  }

  /// A number that no other process has now, for the names of temporary files.
  package static var processNumber: Int { Int(getpid()) }

  private static func folderFailure(_ action: String, _ path: String, _ code: Int32) -> FileError {
    FileError("\(action) the folder", path, String(cString: strerror(code)))
  }
}
