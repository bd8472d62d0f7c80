import Testing

@testable import Backprop
import BackpropCore

/// Reads text that comes in chunks of a given size.
func chunked(
  _ bytes: [UInt8], _ size: Int, _ format: CSVFormat = CSVFormat(), minimumRows: Int = 1
) throws -> (columns: [String], rows: [[String?]]) {
  var rest = bytes[...]
  var reader = try CSVReader(name: "t.csv", format: format) {
    defer { rest = rest.dropFirst(size) }
    return Array(rest.prefix(size))
  }
  var rows: [[String?]] = []
  while let block = try reader.next(minimumRows: minimumRows) {
    for row in 0..<block.count { rows.append(block.columns.map { block[row, $0] }) }
  }
  return (reader.columns, rows)
}

@Suite struct CSVReaderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let columns: [String]
    let rows: [[String?]]
    var testDescription: String { FormatError.quoted(text) }

    init(_ text: String, _ columns: [String], _ rows: [[String?]]) {
      (self.text, self.columns, self.rows) = (text, columns, rows)
    }
  }

  @Test(arguments: [
    Case("a,b\n1,x\n2,y\n", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("a,b\n1,x\n2,y", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("a,b\r\n1,x\r\n2,y\r\n", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("a,b\r1,x\r2,y\r", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("a,b\r1,x\n2,y\r\n", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("\u{feff}a,b\n1,x\n", ["a", "b"], [["1", "x"]]),
    Case("\u{feff}\"a\",b\n1,x\n", ["a", "b"], [["1", "x"]]),
    Case("\n\na,b\n\n1,x\n\r\n\n2,y\n\n", ["a", "b"], [["1", "x"], ["2", "y"]]),
    Case("a\tb\n1\tx,y;z\n", ["a", "b"], [["1", "x,y;z"]]),
    Case("a;b\n1,5;2,5\n3;4\n", ["a", "b"], [["1,5", "2,5"], ["3", "4"]]),
    Case("a;b\n1,5;2,5\n3,0;4,0\n", ["a", "b"], [["1,5", "2,5"], ["3,0", "4,0"]]),
    Case("\"x, y\";b\n1;2\n", ["x, y", "b"], [["1", "2"]]),
    Case("a,b;c,d\n1,2,3\n", ["a", "b;c", "d"], [["1", "2", "3"]]),
    Case("a\n1\n\n2\n", ["a"], [["1"], ["2"]]),
    Case("a\n\"\"\n2\n", ["a"], [[nil], ["2"]]),
    Case("a,b\n\"x,\"\"y\"\"\r\nz\",2\n", ["a", "b"], [["x,\"y\"\r\nz", "2"]]),
    Case("a,b\n\"\"\"\",\"\"\n", ["a", "b"], [["\"", nil]]),
    Case("a,b\n\" x \", y z \n", ["a", "b"], [[" x ", "y z"]]),
    Case("a,b\n5\" pipe,x\"\"y\n", ["a", "b"], [["5\" pipe", "x\"\"y"]]),
    Case(
      "a,b\n,\nNA,n/a\nnan,NULL\n?,\"?\"\n", ["a", "b"],
      [
        [nil, nil], [nil, nil], [nil, nil], [nil, nil],
      ]),
    Case(",b,\n1,2,3\n", ["c1", "b", "c3"], [["1", "2", "3"]]),
    Case("größe,名\n1,😀\n", ["größe", "名"], [["1", "😀"]]),
    Case("a,b\n1,\"", ["a", "b"], []),
  ])
  func readsTheSameInChunksOfAnySize(_ test: Case) throws {
    guard !test.rows.isEmpty else { return }
    let bytes = Array(test.text.utf8)
    for size in 1...bytes.count {
      let (columns, rows) = try chunked(bytes, size)
      #expect(columns == test.columns)
      #expect(rows == test.rows)
    }
    #expect(try chunked(bytes, 3, minimumRows: 1000).rows == test.rows)
  }

  @Test func readsWithoutAHeaderAndWithAGivenDelimiter() throws {
    let table = try Table(
      parsing: "1,2;3\n4,5;6\n", name: "t.csv",
      format: CSVFormat(delimiter: .comma, hasHeader: false))
    #expect(table.columns == ["c1", "c2"])
    #expect(table[1, "c2"] == "5;6")
    #expect(table.line(ofRow: 1) == 2)
    #expect(table.delimiter == .comma)
  }

  @Test(arguments: [
    ("", "t.csv: expected rows of a table, found an empty file"),
    ("\n\n", "t.csv: expected rows of a table, found an empty file"),
    ("\u{feff}", "t.csv: expected rows of a table, found an empty file"),
    ("a,b", "t.csv: line 1, column 1: expected rows below the header, found the end of the file"),
    ("a,b\n", "t.csv: line 2, column 1: expected rows below the header, found the end of the file"),
    ("a,b\n1,2\n3\n", "t.csv: line 3, column 2: expected 2 fields, as in the header, found 1"),
    (
      "a,b\n1,2\n3,4,5,6\n", "t.csv: line 3, column 5: expected 2 fields, as in the header, found 4"
    ),
    (
      "a,b\n\"x\ny\",2\n3,4,5",
      "t.csv: line 4, column 5: expected 2 fields, as in the header, found 3"
    ),
    (
      "a,b\n1,\"x\ny\n3,4\n",
      "t.csv: line 2, column 3: expected a quote that closes the one here, found the end of the file"
    ),
    (
      "a,b\n1,\"x\"y\n",
      "t.csv: line 2, column 6: expected ',' or the end of the line after the closing quote, found 'y'"
    ),
    (
      "a\tb\n1\t\"x\" \t3\n",
      "t.csv: line 2, column 6: expected a tab or the end of the line after the closing quote, "
        + "found a space"
    ),
    ("a,b\n1,x\0y\n", "t.csv: line 2, column 4: expected text, found a NUL byte"),
    ("a,b\n1,\"x\n\0y\"\n", "t.csv: line 3, column 1: expected text, found a NUL byte"),
    (
      "a,b,a\n1,2,3\n",
      "t.csv: line 1, column 5: expected names that differ, found 'a' again, the name of column 1"
    ),
    (
      ",b,c1\n1,2,3\n",
      "t.csv: line 1, column 4: expected names that differ, found 'c1' again, the name of column 1"
    ),
    (
      "1,2\n3,4\n",
      "t.csv: line 1, column 1: expected a header with the names of the columns, found a row of "
        + "numbers; a file without a header is read with --no-header"
    ),
  ])
  func saysWhatIsWrongAndWhere(_ text: String, _ error: String) throws {
    let bytes = Array(text.utf8)
    for size in [1, 2, 3, 5, 1000] {
      #expect(message { _ = try chunked(bytes, size) } == error)
    }
  }

  @Test(
    arguments: [
      (
        [0x61, 0x2c, 0xe9, 0x0a, 0x31, 0x2c, 0x32], "line 1, column 3",
        "the byte 0xE9; convert the file, as with iconv -f latin1 -t utf-8"
      ),
      (
        [0x61, 0x0a, 0x22, 0xc3, 0x22], "line 2, column 2",
        "the byte 0xC3; convert the file, as with iconv -f latin1 -t utf-8"
      ),
      (
        [0x61, 0x0a, 0xe2, 0x82], "line 2, column 1",
        "the byte 0xE2; convert the file, as with iconv -f latin1 -t utf-8"
      ),
      (
        [0x61, 0x0a, 0xed, 0xa0, 0x80], "line 2, column 1",
        "the byte 0xED; convert the file, as with iconv -f latin1 -t utf-8"
      ),
      (
        [0xff, 0xfe, 0x61, 0x00], "line 1, column 1",
        "UTF-16; convert the file, as with iconv -f utf-16 -t utf-8"
      ),
      ([0x1f, 0x8b, 0x08, 0x00], "line 1, column 1", "gzip data; unpack the file first"),
    ] as [([UInt8], String, String)])
  func refusesOtherEncodings(_ bytes: [UInt8], _ place: String, _ found: String) {
    for size in [1, 2, 1000] {
      #expect(
        message { _ = try chunked(bytes, size) }
          == "t.csv: \(place): expected text in UTF-8, found \(found)")
    }
  }

  @Test func aFolderAndAMissingFileAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(
      message { _ = try Table.load(folder.path) } == "cannot read \(folder.path): Is a directory")
    #expect(
      message { _ = try Table.load("\(folder.path)/none.csv") }
        == "cannot read \(folder.path)/none.csv: No such file or directory")
    let path = try folder.file("t.csv", Array("a,b\n1,2\n".utf8))
    #expect(try Table.load(path)[0, "b"] == "2")
  }

  @Test func passesOnWhatTheSourceThrows() {
    struct Broken: Error {}
    #expect(throws: Broken.self) { _ = try CSVReader(name: "x") { throw Broken() } }
  }

  @Test func anyTableReadsBackAsItWasWritten() throws {
    let alphabet = ["a", "b", "\"", ",", ";", "\t", "\n", "\r", "\r\n", "é", "😀", "1", ".", "x y"]
    for seed in 0..<150 {
      var stream = RandomStream(RandomKey(UInt64(seed)).folded("tables"))
      func pick<T>(_ values: [T]) -> T { values[Int(stream.below(UInt32(values.count)))] }
      let width = Int(stream.below(5)) + 1
      let delimiter = pick(CSVFormat.Delimiter.allCases)
      let end = pick(["\n", "\r\n", "\r"])
      let rows = (0..<Int(stream.below(20)) + 1).map { _ in
        (0..<width).map { _ in (0..<Int(stream.below(6))).map { _ in pick(alphabet) }.joined() }
      }
      func written(_ field: String) -> String {
        let isPlain = !field.unicodeScalars.contains { "\",;\t\n\r".unicodeScalars.contains($0) }
        if isPlain, !field.isEmpty, stream.below(2) == 0 { return field }
        return "\""
          + field.split(separator: "\"", omittingEmptySubsequences: false)
          .joined(separator: "\"\"") + "\""
      }
      let header = (0..<width).map { "n\($0)" }.joined(separator: delimiter.rawValue)
      let lines = rows.map { $0.map(written).joined(separator: delimiter.rawValue) }
      let text = ([header] + lines).joined(separator: end) + (stream.below(2) == 0 ? end : "")
      let size = Int(stream.below(40)) + 1
      let read = try chunked(Array(text.utf8), size, CSVFormat(delimiter: delimiter))
      #expect(read.rows == rows.map { $0.map { $0.isEmpty ? nil : $0 } }, "seed \(seed)")
    }
  }

  @Test func changedBytesNeverTrap() throws {
    let text = "id,größe;b\r\n1,\"x \"\"y\"\"\",\"2\n3\"\r\n4,é,NA\n5,😀,1e5\n"
    let bytes = Array(text.utf8)
    for index in bytes.indices {
      for value in [0, 9, 0x0a, 0x0d, 0x22, 0x2c, 0x3b, 0x7f, 0x80, 0xc3, 0xe2, 0xf0, 0xff]
        as [UInt8]
      {
        var changed = bytes
        changed[index] = value
        var results: [String] = []
        for size in [1, 1000] {
          do {
            let (columns, rows) = try chunked(changed, size)
            #expect(rows.allSatisfy { $0.count == columns.count })
            results.append("\(columns) \(rows)")
          } catch let error as FormatError {
            results.append(error.description)
          }
        }
        #expect(results[0] == results[1])
      }
    }
  }
}
