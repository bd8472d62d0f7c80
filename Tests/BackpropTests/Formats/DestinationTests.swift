import Foundation
import Synchronization
import Testing

@testable import Backprop

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What stands where a file is written.
@Suite("Destinations") struct DestinationTests {
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a link stays, and its file is written`() throws {
    try Self.withFolder { folder in
      for target in ["old.csv", "new.csv"] {
        if target == "old.csv" { try FileIO.writeAtomically([1, 2, 3], to: "\(folder)/old.csv") }
        let link = "\(folder)/link-\(target)"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let sink = try FileSink(path: link)
        try sink.write("a")
        try sink.finish()
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try FileIO.read("\(folder)/\(target)") == [97])
      }
      #expect(try Self.names(folder).count == 4)
    }
  }

  @Test func `a pipe stays, and its reader gets the text`() throws {
    try Self.withFolder { folder in
      let pipe = "\(folder)/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      let text = Mutex([UInt8]())
      let isRead = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        let bytes = (try? FileIO.read(pipe)) ?? []
        text.withLock { $0 = bytes }
        isRead.signal()
      }
      do {
        let sink = try FileSink(path: pipe)
        try sink.write("through")
        try sink.finish()
      }
      isRead.wait()
      #expect(text.withLock { $0 } == Array("through".utf8))
      #expect(try Self.names(folder) == ["pipe"])
    }
  }

  @Test func `links in a circle and folders are errors`() throws {
    try Self.withFolder { folder in
      let link = "\(folder)/circle"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "circle")
      #expect(throws: FileError.self) { try FileIO.writeAtomically([1], to: link) }
      #expect(throws: FileError.self) { try FileIO.writeAtomically([1], to: folder) }
      #expect(try Self.names(folder) == ["circle"])
    }
  }
}
