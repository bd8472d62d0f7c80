import Foundation
import Testing

import Backprop

@Suite struct FileIOTests {
  let folder = try! TemporaryFolder()

  @Test func readsWhatIsThere() throws {
    let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(try FileIO.read(folder.file("a", bytes)) == bytes)
    #expect(try FileIO.read(folder.file("empty")) == [])
  }

  @Test func saysWhyItCannotRead() throws {
    let path = folder.path
    #expect(
      message { _ = try FileIO.read("\(path)/none") }
        == "cannot read \(path)/none: No such file or directory")
    #expect(message { _ = try FileIO.read(path) } == "cannot read \(path): Is a directory")
    #expect(message { _ = try FileIO.read("a\0b") } == "cannot read a\\0b: Invalid argument")
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func saysThatAFileIsNotOurs() throws {
    let file = try folder.file("secret")
    chmod(file, 0)
    #expect(message { _ = try FileIO.read(file) } == "cannot read \(file): Permission denied")
  }

  @Test func writesAndReplaces() throws {
    let file = "\(folder.path)/out"
    try FileIO.writeAtomically([1, 2, 3], to: file)
    #expect(try FileIO.read(file) == [1, 2, 3])
    try FileIO.writeAtomically([], to: file)
    #expect(try FileIO.read(file) == [])
    #expect(folder.names == ["out"])
  }

  @Test func leavesNothingBehindWhenItCannotWrite() throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/taken/inner", withIntermediateDirectories: true)
    let path = folder.path
    // rename cannot put a file in the place of a folder: this fails after everything was written.
    #expect(
      message { try FileIO.writeAtomically([1], to: "\(path)/taken") }
        == "cannot write \(path)/taken: Is a directory")
    #expect(
      message { try FileIO.writeAtomically([1], to: "\(path)/none/out") }
        == "cannot write \(path)/none/out: No such file or directory")
    #expect(
      message { try FileIO.writeAtomically([1], to: "a\0b") }
        == "cannot write a\\0b: Invalid argument")
    #expect(folder.names == ["taken"])
  }

  @Test func stepsAsideForAnotherTemporaryFile() throws {
    try folder.file("out.\(getpid())-0.tmp", [9])
    try FileIO.writeAtomically([1], to: "\(folder.path)/out")
    #expect(folder.names == ["out", "out.\(getpid())-0.tmp"])
  }
}
