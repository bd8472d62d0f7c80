import Synchronization

/// The folder of a training run.
///
/// While its data is read there is an empty hidden folder beside it, which shows early that the place can
/// be written to. When the training begins it appears under its name, with `config.yaml` and a growing
/// `metrics.jsonl`; checkpoints join them, and at the end the other files, `run.json` last. So a folder
/// with `run.json` is a finished run, and one with `config.yaml` alone can go on. A run that fails before
/// its first checkpoint leaves nothing.
package final class RunFolder: Sendable {
  /// The names of the files of a run.
  package static let fileNames = (
    metrics: "metrics.jsonl", record: "run.json", report: "report.html",
    configuration: "config.yaml", checkpoints: "checkpoints"
  )
  /// Every file that may stand in the folder itself.
  private static let files = [
    Model.fileNames.parameters, Model.fileNames.description, fileNames.metrics,
    fileNames.record, fileNames.report, fileNames.configuration,
  ]
  /// Where runs go that are given no folder.
  package static let defaultParent = "runs"

  private enum Stage {
    case hidden
    case open(path: String, log: LogFile)
    case finished, discarded
  }
  private let output: String?
  private let data: String
  private let hidden: String
  private let made: [String]
  private let isResumed: Bool
  private let stage = Mutex(Stage.hidden)

  /// Prepares a folder.
  ///
  /// - Parameters:
  ///   - output: its path, where nothing may stand yet; nil for `runs/DATA-N` with the first free
  ///   N, from 1.
  ///   - data: the name of the data set.
  /// - Throws: ``FileError`` if something stands there, or it cannot be made.
  package init(output: String?, data: String) throws(FileError) {
    (self.data, isResumed) = (data, false)
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

  /// Opens the folder of a run that is to go on.
  ///
  /// What is written here stays here: none of its files may be a link.
  ///
  /// - Throws: ``FileError`` if it is no such folder, or another process trains there.
  package init(resuming path: String) throws(FileError) {
    (output, data, hidden, made, isResumed) = (path, "", path, [], true)
    for name in Self.files where ![.file, .nothing].contains(FileIO.kind(of: "\(path)/\(name)")) {
      throw FileError("resume", path, "\(name) in it is no plain file")
    }
    guard [.folder, .nothing].contains(FileIO.kind(of: Self.checkpoints(of: path))) else {
      throw FileError("resume", path, "\(Self.fileNames.checkpoints) in it is no folder")
    }
    let configuration = "\(path)/\(Self.fileNames.configuration)"
    guard FileIO.exists(configuration) else {
      throw FileError("resume", path, "it is no run: there is no \(configuration)")
    }
    let log = try LogFile("\(path)/\(Self.fileNames.metrics)")
    stage.withLock { $0 = .open(path: path, log: log) }
    removeUnfinished()
  }

  /// Removes what a process that was killed left unfinished beside the files. Nobody else may be writing.
  private func removeUnfinished() {
    for name in FileIO.names(in: hidden) where name.hasSuffix(".tmp") {
      guard Self.files.contains(where: { name.hasPrefix("\($0).") }) else { continue }
      FileIO.removeFile("\(hidden)/\(name)")
    }
  }

  private static func taken(_ path: String) -> FileError {
    FileError("make the folder", path, "something of that name is already there")
  }

  /// Where the checkpoints of a run are.
  package static func checkpoints(of path: String) -> String {
    "\(path)/\(Self.fileNames.checkpoints)"
  }

  /// Gives the folder its name, with the text of `config.yaml` in it; one that is resumed has its name.
  ///
  /// - Returns: the path.
  /// - Throws: ``FileError`` if the name was taken meanwhile, or a file cannot be written.
  package func begin(configuration: String) throws -> String {
    try stage.withLock { stage in
      switch stage {
      case .open(let path, _):
        try Self.write(configuration, "\(path)/\(Self.fileNames.configuration)")
        return path
      case .hidden:
        let log = try LogFile("\(hidden)/\(Self.fileNames.metrics)")
        // Flushes the folder, and with it the name of the log.
        try Self.write(configuration, "\(hidden)/\(Self.fileNames.configuration)")
        let path = try named()
        log.moved(to: "\(path)/\(Self.fileNames.metrics)")
        stage = .open(path: path, log: log)
        return path
      case .finished, .discarded: throw CancellationError()
      }
    }
  }

  /// Where it is, from the beginning of the training to its end; else nil.
  package var path: String? {
    stage.withLock { if case .open(let path, _) = $0 { path } else { nil } }
  }

  /// Adds a line to `metrics.jsonl`. Where the disk has no room for it now, ``sync()`` says so.
  package func append(_ event: JSONValue) {
    guard case .open(_, let log) = stage.withLock({ $0 }) else { return }
    log.append([event.text()])
  }

  /// Waits until `metrics.jsonl` is on the disk. Any thread may call this.
  package func sync() throws {
    guard case .open(_, let log) = stage.withLock({ $0 }) else { return }
    try log.sync()
  }

  /// The lines of `metrics.jsonl` up to where a checkpoint was written; what stands behind them is cut off.
  ///
  /// - Parameter count: how many events the checkpoint knows of.
  package func events(upTo count: Int) throws -> [JSONValue] {
    guard case .open(let path, let log) = stage.withLock({ $0 }) else { return [] }
    let file = "\(path)/\(Self.fileNames.metrics)"
    let bytes = try FileIO.read(file)
    var (events, counted, end) = ([JSONValue](), 0, 0)
    while let next = bytes[end...].firstIndex(of: UInt8(ascii: "\n")), counted < count || count == 0
    {
      // A line that was cut short when the process was ended has nothing behind it.
      guard let event = try? JSONText.parse(bytes[end..<next], name: file) else { break }
      let kind = event["event"]?.string ?? ""
      guard count > 0 || kind == "start" else { break }
      if ["layers", "epoch", "nonfinite"].contains(kind) { counted += 1 }
      events.append(event)
      end = next + 1
    }
    try log.truncate(to: end)
    return events
  }

  private static func write(_ text: String, _ path: String) throws(FileError) {
    try FileIO.writeAtomically(Array(text.utf8), to: path)
  }

  /// Fills the folder.
  ///
  /// - Parameters:
  ///   - model: the best parameters.
  ///   - record: what was run.
  ///   - events: the lines of `metrics.jsonl`.
  ///   - report: the text of `report.html`.
  ///   - configuration: the text of `config.yaml`.
  /// - Throws: ``FileError`` if a file cannot be written.
  package func finish(
    model: Model, record: RunRecord, events: [JSONValue], report: String, configuration: String
  ) throws {
    try stage.withLock { stage in
      guard case .open(let path, _) = stage else { throw CancellationError() }
      // Somebody may have removed it.
      if !FileIO.isFolder(path) { _ = try FileIO.makeFolders(path) }
      try model.save(to: path)
      let names = Self.fileNames
      try Self.write(events.map { $0.text() + "\n" }.joined(), "\(path)/\(names.metrics)")
      try Self.write(report, "\(path)/\(names.report)")
      try Self.write(configuration, "\(path)/\(names.configuration)")
      try Self.write(record.json.text(pretty: true) + "\n", "\(path)/\(names.record)")
      stage = .finished
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

  /// Removes what there is of an unfinished run, if nothing in it is worth going on with: a finished one
  /// stays, and one with a checkpoint. Any thread may call this.
  ///
  /// - Returns: whether the run was unfinished and is gone.
  @discardableResult
  package func discard() -> Bool {
    stage.withLock { stage in
      switch stage {
      case .hidden: remove(hidden)
      case .open(let path, _):
        guard !isResumed, !Self.hasCheckpoints(path) else { return false }
        remove(path)
      case .finished: return false
      case .discarded: return true
      }
      stage = .discarded
      return true
    }
  }

  /// Whether a run has a checkpoint to go on from.
  package static func hasCheckpoints(_ path: String) -> Bool {
    !CheckpointFolder.files(in: checkpoints(of: path)).isEmpty
  }

  /// Tells how to go on with a run that is not finished.
  ///
  /// - Throws: ``FileError`` if a folder is such a run.
  package static func checkFinished(_ path: String) throws(FileError) {
    guard isUnfinished(path) else { return }
    throw FileError(
      "read", path, "the run is not finished; go on with: backprop train --resume \(path)")
  }

  /// Whether a folder is a run that is not finished.
  package static func isUnfinished(_ path: String) -> Bool {
    let names = fileNames
    return !FileIO.exists("\(path)/\(names.record)")
      && FileIO.exists("\(path)/\(names.configuration)")
      && FileIO.exists("\(path)/\(names.metrics)")
  }

  private func remove(_ path: String) {
    let checkpoints = Self.checkpoints(of: path)
    FileIO.removeFolder(
      checkpoints, holding: FileIO.names(in: checkpoints).filter { $0.hasSuffix(".tmp") })
    FileIO.removeFolder(path, holding: Self.files)
    FileIO.removeEmptyFolders(made)
  }
}
