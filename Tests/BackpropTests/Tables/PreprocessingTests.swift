import Testing

@testable import Backprop
import BackpropCore

@Suite struct PreprocessingTests {
  private func table(_ text: String, _ name: String = "t.csv") throws -> Table {
    try Table(parsing: text, name: name)
  }

  private func fitted(
    _ table: Table, _ options: TableOptions = TableOptions(), rows: [Int]? = nil
  ) throws -> Preprocessing {
    try Preprocessing(
      fittedTo: table, rows: rows ?? Array(0..<table.count),
      schema: TableSchema(of: table, options: options))
  }

  private func inputs(_ preprocessing: Preprocessing, _ table: Table) throws -> [Float] {
    var warnings = TableWarnings()
    return try preprocessing.encode(table, warnings: &warnings)?.inputs.array(of: Float.self) ?? []
  }

  /// By hand: mean 4, squares 4 + 0 + 0 + 4, deviation √2.
  private let small = "n,c,y\n2,red,a\n4,blue,b\n4,red,a\n6,green,b\n"

  @Test func standardizesNumbersAndSpreadsTexts() throws {
    let preprocessing = try fitted(table(small))
    #expect(preprocessing.featureNames == ["n", "c=blue", "c=green", "c=red"])
    #expect(preprocessing.classNames == ["a", "b"])
    #expect(preprocessing.targetSpecification == .classes(2))
    let root = Float(2.0.squareRoot())
    #expect(
      try inputs(preprocessing, table(small)) == [
        -root, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, root, 0, 1, 0,
      ])
    var warnings = TableWarnings()
    let data = try preprocessing.dataset(table(small), warnings: &warnings)
    #expect(data.targets == Tensor([0, 1, 0, 1] as [Int32]))
    #expect(data.scaling == nil)
    #expect(warnings.isEmpty)
    let raw = try fitted(table(small), TableOptions(standardizes: false))
    #expect(try inputs(raw, table(small))[12] == 6)
  }

  @Test func valuesStayInTheirUnitsWithTheirScaling() throws {
    let text = "x,y,z\n1.5,10,1.5\n2,30,2.5\n2.5,20,0\n"
    let preprocessing = try fitted(table(text), TableOptions(targets: ["z", "y"]))
    var warnings = TableWarnings()
    let data = try preprocessing.dataset(table(text), warnings: &warnings)
    #expect(data.targets.shape == [3, 2])
    #expect(data.targets.array(of: Double.self) == [1.5, 10, 2.5, 30, 0, 20])
    #expect(data.targetScaling == preprocessing.networkTargetScaling)
    #expect(data.targetScaling?.offset[1] == 20)
    let scaling = try #require(preprocessing.targetScaling)
    #expect(scaling[1].mean == 20)
    #expect(abs(scaling[1].deviation - (200.0 / 3).squareRoot()) < 1e-12)
    #expect(preprocessing.targetSpecification == .values([2]))
  }

  @Test func columnsComeInAnyOrderAndOthersAreIgnored() throws {
    let preprocessing = try fitted(table(small))
    var warnings = TableWarnings()
    let other = try table("extra;c;n\n1;red;2,0\n1;pink;4\n1;teal;4\n", "p.csv")
    let encoded = try #require(try preprocessing.encode(other, warnings: &warnings))
    #expect(encoded.rows == [0, 1, 2])
    let root = Float(2.0.squareRoot())
    #expect(encoded.inputs.array(of: Float.self) == [-root, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(
      warnings.lines == [
        "column 'c': 2 rows have a text that the training part did not have, taken as none of its "
          + "levels; the first is 'pink', line 3",
        "ignored, as the model does not use it: 'extra'",
      ])
    #expect(
      message { _ = try preprocessing.encode(table("c,m\nred,1\n", "p.csv"), warnings: &warnings) }
        == "p.csv: expected a column 'n', the model learnt from, found only c, m")
    #expect(
      message { _ = try preprocessing.dataset(table("c,n\nred,1\n", "p.csv"), warnings: &warnings) }
        == "p.csv: expected a column 'y', the target of the model, found only c, n")
    #expect(
      message {
        _ = try preprocessing.encode(table("n,c\n1,red\nx,red\n", "p.csv"), warnings: &warnings)
      }
        == "p.csv: line 3, column 1: expected a number in column 'n', found 'x'")
    #expect(
      message {
        _ = try preprocessing.encode(table("n,c\ninf,red\n", "p.csv"), warnings: &warnings)
      }
        == "p.csv: line 2, column 1: expected a finite number in column 'n', found 'inf'")
    #expect(
      message {
        _ = try preprocessing.encode(table("n,c\n1e200,red\n", "p.csv"), warnings: &warnings)
      }
        == "p.csv: line 2, column 1: expected a number that float32 can hold, once standardised, found '1e200'"
    )
    #expect(
      message {
        _ = try preprocessing.dataset(table("n,c,y\n1,red,c\n", "p.csv"), warnings: &warnings)
      }
        == "p.csv: line 2, column 7: expected a class that the training part has ('a', 'b'), found 'c'"
    )
  }

  private let holes = "n,c,y\n2,red,a\nNA,,b\n4,blue,a\n9,red,b\n"

  @Test func missingFieldsAreAnErrorUnlessTheyAreFilled() throws {
    #expect(
      message { _ = try fitted(table(holes)) }
        == "t.csv: line 3, column 1: expected a number in column 'n', "
        + "found 'NA', which is a missing field; fill it in, or train with --missing drop, mean or median"
    )
    #expect(
      message { _ = try fitted(table(holes), TableOptions(drop: ["n"])) }
        == "t.csv: line 3, column 4: expected a text in column 'c', "
        + "found nothing; fill it in, or train with --missing drop, mean or median")
    // Fills: mean 5, median 4; deviation of 2, 4, 9: √(26/3).
    let deviation = (26.0 / 3).squareRoot()
    for (policy, fill) in [(MissingPolicy.mean, 5.0), (.median, 4)] {
      let options = TableOptions(missing: policy, addsIndicators: true)
      let preprocessing = try fitted(table(holes), options)
      #expect(
        preprocessing.featureNames == ["n", "n is missing", "c=blue", "c=red", "c is missing"])
      let row = try inputs(preprocessing, table(holes))[5..<10]
      #expect(Array(row) == [Float((fill - 5) / deviation), 1, 0, 0, 1])
    }
    var preprocessing = try fitted(table(holes), TableOptions(missing: .mean))
    #expect(preprocessing.featureNames == ["n", "c=blue", "c=red"])
    preprocessing = try fitted(table(small), TableOptions(missing: .mean, addsIndicators: true))
    #expect(try inputs(preprocessing, table("n,c\n,\n")) == [0, 0, 0, 0])
  }

  @Test func rowsWithMissingFieldsAreDropped() throws {
    let options = TableOptions(missing: .drop)
    let preprocessing = try fitted(table(holes), options, rows: [0, 2, 3])
    var warnings = TableWarnings()
    let encoded = try preprocessing.encode(table(holes), warnings: &warnings)
    #expect(encoded?.rows == [0, 2, 3])
    #expect(warnings.droppedRows == 1)
    #expect(warnings.lines == ["1 row left out for a missing field"])
    #expect(try preprocessing.encode(table("n,c\n1,\n"), warnings: &warnings) == nil)
    #expect(
      message {
        _ = try table("n,c,y\n,red,a\n1,,b\n3,red,\n4,,a\n").split(
          TableSplitting(key: RandomKey(1)), options: options)
      }
        == "t.csv: expected a row without a missing field, found none in 4 rows; "
        + "drop a column, or fill with --missing mean or median")
  }

  @Test func targetsAreNeverFilled() throws {
    let values = "x,y\n1.5,2.5\n2.5,\n3.5,4\n", options = TableOptions(missing: .mean)
    #expect(
      message { _ = try fitted(table(values), options) }
        == "t.csv: line 3, column 5: expected a number in column 'y', found nothing; "
        + "fill it in, or train with --missing drop, mean or median")
    let classes = "x,y\n1.5,a\n2.5,?\n3.5,b\n"
    var warnings = TableWarnings()
    #expect(
      message {
        _ = try fitted(table(classes), options).dataset(table(classes), warnings: &warnings)
      }
        == "t.csv: line 3, column 5: expected a class in column 'y', "
        + "found '?', which is a missing field; fill it in, or train with --missing drop, mean or median"
    )
  }

  @Test func labelsAreZeroOrOne() throws {
    let text = "x,a,b\n1.5,0,1\n2,1,0\n2.5,0,1\n"
    let preprocessing = try fitted(table(text), TableOptions(targets: ["a", "b"]))
    var warnings = TableWarnings()
    let data = try preprocessing.dataset(table(text), warnings: &warnings)
    #expect(data.targets.array(of: Float.self) == [0, 1, 1, 0, 0, 1])
    #expect(data.targetScaling == nil)
    #expect(
      message { _ = try preprocessing.dataset(table("x,a,b\n1,0,2\n"), warnings: &warnings) }
        == "t.csv: line 2, column 5: expected 0 or 1 in column 'b', a label, found '2'")
  }

  @Test func levelsThatAreNumbersAreToldApartByValue() throws {
    let text = "code,y\n1,a\n10,b\n2.0,a\n01,b\n"
    let preprocessing = try fitted(table(text), TableOptions(kinds: ["code": .class]))
    #expect(preprocessing.featureNames == ["code=1", "code=2", "code=10"])
    #expect(try inputs(preprocessing, table("code\n2\n1.0\n")) == [0, 1, 0, 1, 0, 0])
  }

  @Test func blocksGiveWhatTheWholeGives() throws {
    let preprocessing = try fitted(table(small))
    let whole = try inputs(preprocessing, table(small))
    var rest = Array(small.utf8)[...]
    var reader = try CSVReader(name: "t.csv") {
      defer { rest = rest.dropFirst(7) }
      return Array(rest.prefix(7))
    }
    var values: [Float] = [], warnings = TableWarnings()
    while let block = try reader.next() {
      values +=
        try preprocessing.encode(block, warnings: &warnings)?.inputs.array(of: Float.self) ?? []
    }
    #expect(values == whole)
  }

  @Test func fittingSeesNothingButItsRows() throws {
    let rows = [0, 2, 3, 5]
    let a = try table("n,c,y\n2,red,1.5\n7,x,2\n4,blue,3\n6,red,4\n8,y,5\n1,red,6\n")
    let b = try table("n,c,y\n2,red,1.5\n9,w,-9\n4,blue,3\n6,red,4\n0,red,77\n1,red,6\n")
    #expect(try fitted(a, rows: rows) == fitted(b, rows: rows))
    #expect(try fitted(a, rows: rows) != fitted(b))
  }

  @Test func survivesAFile() throws {
    let all: [(String, TableOptions)] = [
      (small, TableOptions()), (holes, TableOptions(missing: .median, addsIndicators: true)),
      (small, TableOptions(targets: ["n"], standardizes: false)),
      ("x,a,b\n1.5,0,1\n2,1,0\n2.5,0,1\n", TableOptions(targets: ["a", "b"])),
      ("id,k,y\n1,5,0\n2,5.5,1\n3,5,0\n4,6,1\n", TableOptions(kinds: ["k": .class])),
    ]
    for (text, options) in all {
      let preprocessing = try fitted(table(text), options)
      let json = preprocessing.json.text(pretty: true)
      let value = try JSONText.parse(Array(json.utf8)[...], name: "m.json")
      #expect(try Preprocessing(json: value, file: "m.json") == preprocessing)
    }
  }

  @Test(arguments: [
    (
      #""missing":"error""#, #""missing":"guess""#,
      "'tables.missing': expected one of error, mean, median, drop, found 'guess'"
    ),
    (
      #""mean":4.0"#, #""mean":null"#,
      "'tables.inputs[0].mean': expected a finite number, found null"
    ),
    (
      #""deviation":1.4142135623730951"#, #""deviation":0"#,
      "'tables.inputs[0].deviation': expected a finite number above 0, found 0"
    ),
    (
      #""fill":null"#, #""fill":3"#,
      "'tables.inputs[0].fill': expected null, as 'missing' is error, found a number"
    ),
    (
      #""column":"c""#, #""column":"n""#,
      "'tables.inputs': expected columns that differ from each other and from the targets, found one that comes twice"
    ),
    (
      #""blue","green""#, #""blue","blue""#,
      "'tables.inputs[1].levels': expected texts that differ, found an array of 3"
    ),
    (
      #"["a","b"]"#, #"["a"]"#,
      "'tables.target.classes': expected two or more texts that differ, found an array of 1"
    ),
    (
      #""columns":["y"]"#, #""columns":[]"#,
      "'tables.target.columns': expected a list of one text, found an array of 0"
    ),
    (
      #""ignored":[]"#, #""ignored":[],"more":1"#,
      "'tables.more': expected one of the members ignored, inputs, missing, target, found another"
    ),
  ])
  func refusesAFileThatMakesNoSense(_ part: String, _ other: String, _ error: String) throws {
    let json = try fitted(table(small)).json.text()
    let parts = json.components(separatedBy: part)
    #expect(parts.count > 1, "\(json)")
    let changed = parts.joined(separator: other)
    let value = try JSONText.parse(Array(changed.utf8)[...], name: "m.json")
    #expect(
      message { _ = try Preprocessing(json: value, file: "m.json", path: "tables") }
        == "m.json: \(error)")
  }
}

extension String {
  fileprivate func components(separatedBy part: String) -> [String] {
    split(separator: part, omittingEmptySubsequences: false).map { String($0) }
  }
}
