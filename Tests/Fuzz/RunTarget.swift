@testable import Backprop
@testable import BackpropCommand
import BackpropCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `run.json` and `metrics.jsonl`: read from a folder of the process's own, in which the data stands
/// too that a run may name.
enum RunTarget {
  private static let folder: String = {
    let memory = "/dev/shm"
    let parent = FileIO.isFolder(memory) ? memory : "/tmp"
    let path = "\(parent)/fuzz-\(FileIO.processNumber)"
    guard mkdir(path, 0o700) == 0, chdir(path) == 0, mkdir(FuzzTarget.file, 0o700) == 0 else {
      fatalError("no folder \(path)")
    }
    atexit { RunTarget.clean() }
    let rows = (0..<40).map { "\($0 % 7),\($0 % 3),\($0 % 2 == 0 ? "a" : "b")" }
    write(Array((["u,v,w"] + rows).joined(separator: "\n").utf8), "table.csv")
    let x = Tensor((0..<80).map { Float($0 % 9) }, shape: [40, 2])
    let y = Tensor((0..<40).map { Int32($0 % 3) })
    if let arrays = try? NPZ.encode(["x": x, "y": y], name: FuzzTarget.file) {
      write(arrays, "arrays.npz")
    }
    return FuzzTarget.file
  }()

  static func run(_ bytes: [UInt8]) throws {
    write(bytes, "\(folder)/run.json")
    write(bytes, "\(folder)/metrics.jsonl")
    attempt {
      let history = try RunHistory(contentsOf: folder)
      _ = history.lines(best: 1)
    }
    let record = try RunRecord(contentsOf: folder)
    write(Array(record.json.text().utf8), "\(folder)/run.json")
    let again = try RunRecord(contentsOf: folder)
    require(again.source == record.source, "a record that does not come back")
    let run = try RunsCommand.Run(name: "run", path: folder, file: "\(folder)/run.json")
    _ = (run.cells, run.json.text(), ShowCommand.recordLines(record))
    guard record.source.files != nil || ["iris", "xor"].contains(record.source.name) else { return }
    // What is wrong with the data is said of the data's own file.
    do {
      _ = try TrainingData(record)
    } catch let error as FormatError {
      let known = ["table.csv", "arrays.npz", FuzzTarget.file]
      require(known.contains { error.file.hasPrefix($0) }, "an error without its file: \(error)")
    }
  }

  private static func write(_ bytes: [UInt8], _ path: String) {
    guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  private static func clean() {
    for name in ["\(FuzzTarget.file)/run.json", "\(FuzzTarget.file)/metrics.jsonl", "table.csv"] {
      unlink(name)
    }
    unlink("arrays.npz")
    rmdir(FuzzTarget.file)
    var path = [CChar](repeating: 0, count: 4096)
    if getcwd(&path, path.count) != nil { rmdir(path) }
  }
}
