import Foundation
import Testing

@testable import Backprop
import BackpropCore

/// What other programs make of the same tables.
@Suite struct TableReferenceTests {
  private struct Case: Decodable {
    let name, csv, missing: String
    let training: [Int]
    let features: [[Double]]
  }

  @Test func preprocessingIsThatOfScikitLearn() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Fixtures/tables.json"))
    let cases = try JSONDecoder().decode([Case].self, from: data)
    #expect(cases.count == 4)
    for item in cases {
      let table = try Table(parsing: item.csv, name: item.name)
      let options = TableOptions(missing: try #require(MissingPolicy(rawValue: item.missing)))
      let preprocessing = try Preprocessing(
        fittedTo: table, rows: item.training, schema: TableSchema(of: table, options: options))
      var warnings = TableWarnings()
      let encoded = try #require(try preprocessing.encode(table, warnings: &warnings))
      let expected = item.features.flatMap { $0 }
      let values = encoded.inputs.array(of: Double.self)
      #expect(values.count == expected.count, "\(item.name)")
      // Equal but for rounding: of the result to float32, and of sums of numbers near 10⁶.
      for (value, reference) in zip(values, expected) {
        #expect(abs(value - reference) <= 1e-6 * max(1, abs(reference)), "\(item.name)")
      }
    }
  }

  private static let script = #"""
    import csv, io, json, random
    cases = []
    for seed in range(200):
        rng = random.Random(seed)
        width = rng.randint(1, 5)
        rows = [["".join(rng.choice(["a", "b", '"', ",", ";", "\n", "\r", "\u00e9", "1", "."])
                 for _ in range(rng.randint(0, 6))) for _ in range(width)]
                for _ in range(rng.randint(1, 20))]
        out = io.StringIO(newline="")
        delimiter = rng.choice(",;\t")
        csv.writer(out, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n", "\r"]),
                   quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerows(rows)
        # Not all that it writes does it read again: with CR at line ends it leaves LF unquoted.
        text = out.getvalue()
        read = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if r]
        if read == rows:
            cases.append({"text": text, "delimiter": delimiter, "rows": rows})
    print(json.dumps(cases))
    """#

  private struct Written: Decodable {
    let text, delimiter: String
    let rows: [[String]]
  }

  @Test func readsWhatPythonWrites() throws {
    // Without a Python there is nothing to compare with.
    guard let output = ReferencePython.run("python3", ["-c", Self.script]) else { return }
    let cases = try JSONDecoder().decode([Written].self, from: Data(output.utf8))
    #expect(cases.count > 120)
    for item in cases {
      let delimiter = try #require(CSVFormat.Delimiter(rawValue: item.delimiter))
      let format = CSVFormat(delimiter: delimiter, hasHeader: false)
      let read = try chunked(Array(item.text.utf8), 11, format)
      #expect(
        read.rows == item.rows.map { $0.map { $0.isEmpty ? nil : $0 } },
        "\(item.text.debugDescription)")
    }
  }
}
