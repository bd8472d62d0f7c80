#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The source files of the ops, read without Foundation.
enum OpSource {
  struct Missing: Error { let what: String }

  /// Sources/BackpropCore/Ops, seen from this file.
  static let folder: String = {
    let parts = #filePath.split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/") + "/Sources/BackpropCore/Ops"
  }()

  /// The names of the files, without `.swift`.
  static func files() throws -> Set<String> {
    guard let directory = opendir(folder) else { throw Missing(what: folder) }
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".swift") { names.insert(String(name.dropLast(6))) }
    }
    return names
  }

  /// The documentation comment above the declaration of an op's type.
  static func documentation(of type: String) throws -> String {
    let lines = try text(of: type).split(separator: "\n", omittingEmptySubsequences: false)
    guard let place = lines.firstIndex(where: { $0.hasPrefix("public struct \(type):") })
    else { throw Missing(what: "public struct \(type)") }
    return lines[..<place].reversed().prefix { $0.hasPrefix("///") }.reversed()
      .joined(separator: "\n")
  }

  private static func text(of type: String) throws -> String {
    let path = "\(folder)/\(type).swift"
    guard let file = fopen(path, "r") else { throw Missing(what: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
