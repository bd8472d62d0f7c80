import Synchronization

/// The folder of a training run: it appears under its name only when everything is in it.
///
/// Until then there is an empty hidden folder beside it, which shows early that the place can be written to. A run that
/// fails or is interrupted removes it, with the folders above it that were made for it.
package final class RunFolder: Sendable {
  /// The names of the files of a run.
  package static let fileNames = (metrics: "metrics.jsonl", record: "run.json")
  /// Where runs go that are given no folder.
  package static let defaultParent = "runs"

  private enum Stage { case working, finished, discarded }
  private let output: String?
  private let data: String
  private let hidden: String
  private let made: [String]
  private let stage = Mutex(Stage.working)

  /// Prepares a folder.
  ///
  /// - Parameters:
  ///   - output: its path, where nothing may stand yet; nil for `runs/DATA-N` with the first free N, from 1.
  ///   - data: the name of the data set.
  /// - Throws: ``FileError`` if something stands there, or it cannot be made.
  package init(output: String?, data: String) throws(FileError) {
    self.data = data
    let path = output.map { path in String(path.reversed().drop { $0 == "/" }.reversed()) }
    if let output, let path {
      guard !path.isEmpty else {
        throw FileError("make the folder", "'\(output)'", "it has no name")
      }
      guard !FileIO.exists(path) else { throw Self.taken(path) }
    }
    self.output = path
    let place = path ?? "\(Self.defaultParent)/\(data)"
    let parent = place.lastIndex(of: "/").map { String(place[..<$0]) }
    let name = parent.map { String(place.dropFirst($0.count + 1)) } ?? place
    let prefix = parent.map { $0 + "/" } ?? ""
    hidden = "\(prefix).\(name).\(FileIO.processNumber).tmp"
    made = try parent.map { parent throws(FileError) in try FileIO.makeFolders(parent) } ?? []
    do {
      try FileIO.makeFolder(hidden)
    } catch {
      FileIO.removeEmptyFolders(made)
      throw error
    }
  }

  private static func taken(_ path: String) -> FileError {
    FileError("make the folder", path, "something of that name is already there")
  }

  /// Fills the folder and gives it its name.
  ///
  /// - Parameters:
  ///   - model: the best parameters.
  ///   - record: what was run.
  ///   - events: the lines of `metrics.jsonl`.
  /// - Returns: the path.
  /// - Throws: ``FileError`` if a file cannot be written, or the name was taken meanwhile; nothing is left then.
  package func finish(
    model: Model, record: RunRecord, events: [JSONValue]
  ) throws -> String {
    try stage.withLock { stage in
      guard stage == .working else { throw CancellationError() }
      do {
        try model.save(to: hidden)
        let lines = events.map { $0.text() + "\n" }.joined()
        try FileIO.writeAtomically(Array(lines.utf8), to: "\(hidden)/\(Self.fileNames.metrics)")
        let text = record.json.text(pretty: true) + "\n"
        try FileIO.writeAtomically(Array(text.utf8), to: "\(hidden)/\(Self.fileNames.record)")
        let path = try named()
        stage = .finished
        return path
      } catch {
        remove()
        stage = .discarded
        throw error
      }
    }
  }

  /// Moves the folder to its name.
  private func named() throws(FileError) -> String {
    if let output {
      guard try FileIO.moveFolder(hidden, to: output) else { throw Self.taken(output) }
      try FileIO.syncFolder(of: output)
      return output
    }
    var number = 1
    while true {
      let path = "\(Self.defaultParent)/\(data)-\(number)"
      if try FileIO.moveFolder(hidden, to: path) {
        try FileIO.syncFolder(of: path)
        return path
      }
      number += 1
    }
  }

  /// Removes what there is of an unfinished run; a finished one stays. Any thread may call this.
  package func discard() {
    stage.withLock { stage in
      guard stage == .working else { return }
      remove()
      stage = .discarded
    }
  }

  private func remove() {
    FileIO.removeFolder(
      hidden,
      holding: [
        Model.fileNames.parameters, Model.fileNames.description, Self.fileNames.metrics,
        Self.fileNames.record,
      ])
    FileIO.removeEmptyFolders(made)
  }
}
