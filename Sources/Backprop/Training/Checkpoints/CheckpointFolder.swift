/// The files of a folder of checkpoints: `checkpoint-000012.safetensors`, numbered in the order in which
/// they were written, and `best.safetensors`, that of the best epoch.
struct CheckpointFolder: Sendable {
  let path: String
  /// How many of the last ones are kept.
  let keep: Int
  /// The numbers of the files that are there, the last one last.
  private(set) var numbers: [Int]

  static let bestName = "best.safetensors"
  private static let (prefix, suffix) = ("checkpoint-", ".safetensors")

  /// Looks into a folder; it is made at the first writing.
  init(_ path: String, keep: Int) {
    (self.path, self.keep, numbers) = (path, keep, Self.numbers(in: path))
  }

  /// Removes what writing left unfinished. Nobody else may be writing.
  func removeUnfinished() {
    for name in FileIO.names(in: path) where name.hasSuffix(".tmp") {
      FileIO.removeFile("\(path)/\(name)")
    }
  }

  /// Writes the next file, and removes those that are older than the last ones.
  ///
  /// - Parameter isBest: whether it is that of the best epoch.
  /// - Returns: the file's path.
  /// - Throws: ``FileError``; the files that were there stay.
  mutating func write(_ bytes: [UInt8], isBest: Bool) throws(FileError) -> String {
    if !FileIO.isFolder(path) { _ = try FileIO.makeFolders(path) }
    let number = (numbers.last ?? 0) + 1
    let file = Self.file(number, in: path)
    try FileIO.writeAtomically(bytes, to: file)
    numbers.append(number)
    if isBest {
      let best = "\(path)/\(Self.bestName)"
      do {
        try FileIO.link(file, as: best)
      } catch {
        // Some file systems have no second names.
        try FileIO.writeAtomically(bytes, to: best)
      }
    }
    while numbers.count > keep { FileIO.removeFile(Self.file(numbers.removeFirst(), in: path)) }
    return file
  }

  /// The files, the newest first; the one of the best epoch last, in case no other can be read.
  static func files(in folder: String) -> [String] {
    let best = "\(folder)/\(bestName)"
    return numbers(in: folder).reversed().map { file($0, in: folder) }
      + (FileIO.exists(best) ? [best] : [])
  }

  private static func numbers(in folder: String) -> [Int] {
    FileIO.names(in: folder).compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
      let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
      guard digits.count >= 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
      return Int(digits).flatMap { $0 < Int.max ? $0 : nil }
    }.sorted()
  }

  private static func file(_ number: Int, in folder: String) -> String {
    let digits = String(number)
    let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return "\(folder)/\(prefix)\(zeros)\(digits)\(suffix)"
  }
}

extension Checkpoint {
  /// The newest checkpoint of a folder that can be read.
  ///
  /// - Returns: the checkpoint, nil where the folder has none, or is not there; and why newer ones cannot
  ///   be read, a line each.
  /// - Throws: ``CheckpointError`` if there are checkpoints, and none can be read.
  public static func newest(
    in folder: String
  ) throws -> (checkpoint: Checkpoint?, problems: [String]) {
    var problems: [String] = []
    for file in CheckpointFolder.files(in: folder) {
      do {
        return (try Checkpoint(contentsOf: file), problems)
      } catch {
        problems.append("\(error)")
      }
    }
    guard let first = problems.first else { return (nil, []) }
    throw CheckpointError(
      folder, "none of \(problems.count) checkpoints can be read; the newest: \(first)")
  }
}
