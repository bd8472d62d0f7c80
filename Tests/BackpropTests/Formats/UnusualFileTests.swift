import Foundation
import Testing

@testable import Backprop

/// What a path may name beside a plain file: nothing of it may hang, or take all memory.
@Suite struct UnusualFileTests {
  let folder = try! TemporaryFolder()

  private func pipe(_ name: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try #require(mkfifo(path, 0o600) == 0)
    return path
  }

  @Test(.timeLimit(.minutes(1))) func aPipeWithAWriterIsRead() throws {
    let path = try pipe("pipe")
    let writer = open(path, O_RDWR)
    defer { close(writer) }
    #expect(write(writer, "a,b\n1,2\n", 8) == 8)
    let stream = try FileStream(path: path)
    #expect(stream.size == nil)
    #expect(try stream.read(100) == Array("a,b\n1,2\n".utf8))
  }

  @Test func devicesAreNoFiles() throws {
    let readers: [(String) throws -> Void] = [
      { _ = try FileIO.read($0) }, { _ = try IDX.read($0) }, { _ = try NPY.read($0) },
      { _ = try NPZ.read($0) }, { _ = try Safetensors.read($0) },
    ]
    for read in readers {
      #expect(
        message { try read("/dev/zero") } == "cannot read /dev/zero: it is a device, not a file")
    }
    // A table is read block by block, and stops at the first.
    #expect(
      message { _ = try Table.load("/dev/zero") }
        == "/dev/zero: line 1, column 1: expected text, found a NUL byte")
  }

  @Test func noMoreIsReadThanAllowed() throws {
    let path = try folder.file("a", [1, 2, 3])
    #expect(try FileIO.read(path, limit: 3) == [1, 2, 3])
    #expect(
      message { _ = try FileIO.read(path, limit: 2) }
        == "cannot read \(path): it has more than the 2 bytes that are allowed")
    let pipe = try pipe("pipe")
    let writer = open(pipe, O_RDWR)
    defer { close(writer) }
    #expect(write(writer, "123", 3) == 3)
    #expect(
      message { _ = try FileIO.read(pipe, limit: 2) }
        == "cannot read \(pipe): it has more than the 2 bytes that are allowed")
  }

  /// A file with a hole is as large as it says, and takes no place.
  @Test func aFileLargerThanTheMemoryIsRefused() throws {
    let path = try folder.file("a.csv", Array("a,b\n1,2\n".utf8))
    let size = (MachineMemory.byteCount | 0xfffff) + 1
    guard truncate(path, size) == 0 else { return }
    let error = "cannot read \(path): it has \(size >> 20) MiB; this machine has "
    #expect(message { _ = try FileIO.read(path) }?.hasPrefix(error) == true)
    #expect(
      message { _ = try Table.load(path) }
        == "\(path): line 3, column 1: expected text, found a NUL byte")
    // Whole blocks of rows first, so that only its size speaks against it.
    let rows = String(repeating: "1,2\n", count: 1 << 17)
    let long = try folder.file("long.csv", Array("a,b\n\(rows)".utf8))
    try #require(truncate(long, size) == 0)
    #expect(
      message { _ = try Table.load(long) }
        == error.replacing(path, with: long) + "\(MachineMemory.byteCount >> 20) MiB of memory")
    #expect(try (Table.estimatedTrainingBytes(long) ?? 0) > MachineMemory.byteCount)
  }

  @Test func aFolderHasItsOwnFiles() throws {
    try folder.file("outside", [7])
    let run = "\(folder.path)/run"
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
    try folder.file("run/plain", [1])
    for (name, target) in [
      ("inner", "plain"), ("outer", "../outside"), ("absolute", "/dev/zero"), ("none", "nothing"),
      ("circle", "circle"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(run)/\(name)", withDestinationPath: target)
    }
    try #require(mkfifo("\(run)/pipe", 0o600) == 0)
    // The folder itself may be a link.
    let link = "\(folder.path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "run")
    for folder in [run, link, "\(run)/../run/"] {
      #expect(try FileIO.read("plain", in: folder) == [1])
      #expect(try FileIO.read("inner", in: folder) == [1])
      let outer = message { _ = try FileIO.read("outer", in: folder) } ?? ""
      #expect(outer.hasPrefix("cannot read \(folder)/outer: it is a link to "))
      #expect(outer.hasSuffix("/outside, outside of the folder"))
      #expect(message { _ = try FileIO.read("../outside", in: folder) }?.contains("link") == true)
      for name in ["pipe", "absolute"] {
        #expect(
          message { _ = try FileIO.read(name, in: folder) }
            == "cannot read \(folder)/\(name): it is a pipe or a device, not a file")
      }
      #expect(
        message { _ = try FileIO.read("none", in: folder) }
          == "cannot read \(folder)/none: No such file or directory")
      #expect(message { _ = try FileIO.read("circle", in: folder) } != nil)
    }
    // A file that the user names may be anywhere.
    #expect(try FileIO.read("\(run)/outer") == [7])
  }
}
