import Testing

@testable import Backprop
import BackpropCore

@Suite struct TableSplitTests {
  /// Rows with their number, a group of three rows, a value and a class.
  private func table(_ count: Int, _ name: String = "t.csv", from start: Int = 0) throws -> Table {
    let rows = (start..<start + count).map {
      "\($0)\($0 % 2).5,g\($0 / 3),\(Double($0) / 4 + 0.1),\($0 % 5 < 2 ? "a" : "b"),\($0 % 4)"
    }
    return try Table(
      parsing: (["n,group,value,class,weight"] + rows).joined(separator: "\n"), name: name)
  }

  private let key = RandomKey(5)

  @Test func partsAreDisjointAndStratified() throws {
    let split = try table(50).split(
      TableSplitting(key: key), options: TableOptions(targets: ["class"]))
    let rows = split.rows
    #expect((rows.training + rows.validation + rows.test).sorted() == Array(0..<50))
    for (part, size) in [(rows.training, 14), (rows.validation, 2), (rows.test, 4)] {
      #expect(part.count { $0 % 5 < 2 } == size)
    }
    #expect(split.data.training.count == 35)
    #expect(split.weights == nil)
    let again = try table(50).split(
      TableSplitting(key: key), options: TableOptions(targets: ["class"]))
    #expect(again.rows == rows)
  }

  @Test func groupsStayTogether() throws {
    for seed in 0..<20 {
      let split = try table(30).split(
        TableSplitting(key: RandomKey(UInt64(seed))),
        options: TableOptions(targets: ["value"], group: "group"))
      let parts = [split.rows.training, split.rows.validation, split.rows.test]
      let groups = parts.map { Set($0.map { $0 / 3 }) }
      #expect(groups.map(\.count).reduce(0, +) == 10)
      #expect(groups.allSatisfy { !$0.isEmpty })
      #expect(parts.map(\.count) == [21, 3, 6])
      #expect(!split.preprocessing.inputColumns.contains("group"))
    }
    let folds = try table(30).folds(
      4, TableSplitting(key: key), options: TableOptions(targets: ["value"], group: "group"))
    #expect(folds.map { $0.rows.test.count }.sorted() == [6, 6, 9, 9])
    for fold in folds {
      let parts = [fold.rows.training, fold.rows.validation, fold.rows.test]
      #expect(parts.map { Set($0.map { $0 / 3 }).count }.reduce(0, +) == 10)
    }
  }

  @Test func rowsInOrderAreCutInOrder() throws {
    let split = try table(20).split(
      TableSplitting(isShuffled: false, key: key), options: TableOptions(targets: ["value"]))
    #expect(split.rows.training == Array(0..<14))
    #expect(split.rows.validation == [14, 15])
    #expect(split.rows.test == Array(16..<20))
  }

  @Test func everyRowIsForTestInOneFold() throws {
    let folds = try table(23).folds(
      5, TableSplitting(key: key), options: TableOptions(targets: ["class"]))
    #expect(folds.flatMap(\.rows.test).sorted() == Array(0..<23))
    for fold in folds {
      let rows = fold.rows
      #expect((rows.training + rows.validation + rows.test).sorted() == Array(0..<23))
      #expect((4...5).contains(rows.test.count))
      #expect((1...3).contains(rows.test.count { $0 % 5 < 2 }))
      #expect(rows.validation.count == 2)
    }
    #expect(Set(folds.map(\.preprocessing)).count > 1)
  }

  @Test func aFileOfItsOwnIsTheTest() throws {
    let other = try Table(
      parsing: "class,value,n,group\na,1,2,g0\nb,2,1,g9\n", name: "test.csv")
    let options = TableOptions(targets: ["class"], drop: ["group"], sampleWeights: "weight")
    let split = try table(20).split(TableSplitting(key: key), options: options, test: other)
    #expect(split.rows.training.count == 18)
    #expect(split.rows.validation.count == 2)
    #expect(split.rows.test == [0, 1])
    #expect(split.data.test.targets == Tensor([0, 1] as [Int32]))
    #expect(split.weights?.training == split.rows.training.map { Float($0 % 4) })
    #expect(split.weights?.test == [1, 1])
    let strange = try Table(parsing: "class,value,n\na,1,2\nc,2,1\n", name: "test.csv")
    #expect(
      message {
        _ = try table(20).split(TableSplitting(key: key), options: options, test: strange)
      }
        == "test.csv: line 3, column 1: expected a class that the training part has ('a', 'b'), found 'c'"
    )
  }

  @Test func changingTestRowsChangesNoPreprocessing() throws {
    let options = TableOptions(targets: ["class"], drop: ["group"])
    let first = try table(40).split(TableSplitting(key: key), options: options)
    let lines = (0..<40).map { row in
      first.rows.test.contains(row)
        ? "-7\(row),g,\(row)e3,\(row % 5 < 2 ? "a" : "b"),9"
        : "\(row)\(row % 2).5,g\(row / 3),\(Double(row) / 4 + 0.1),\(row % 5 < 2 ? "a" : "b"),\(row % 4)"
    }
    let changed = try Table(
      parsing: (["n,group,value,class,weight"] + lines).joined(separator: "\n"), name: "t.csv")
    let second = try changed.split(TableSplitting(key: key), options: options)
    #expect(second.rows == first.rows)
    #expect(second.preprocessing == first.preprocessing)
    #expect(second.data.training.inputs == first.data.training.inputs)
    #expect(second.data.test.inputs != first.data.test.inputs)
  }

  @Test func saysWhatCannotBeCut() throws {
    func error(
      _ splitting: TableSplitting, _ options: TableOptions, _ count: Int = 20, folds: Int? = nil
    ) -> String? {
      message {
        let table = try table(count)
        if let folds {
          _ = try table.folds(folds, splitting, options: options)
        } else {
          _ = try table.split(splitting, options: options)
        }
      }
    }
    let values = TableOptions(targets: ["value"]), classes = TableOptions(targets: ["class"])
    let grouped = TableOptions(targets: ["value"], group: "group")
    #expect(
      error(TableSplitting(validation: 0.5, test: 0.5, key: key), values)
        == "t.csv: fractions 0.5 for validation and 0.5 for test: "
        + "both must be above 0 and leave something for training")
    #expect(
      error(TableSplitting(key: key), classes, 5)
        == "t.csv: class 'a' has only 2 samples, too few for three parts")
    #expect(
      error(TableSplitting(key: key), grouped, 6)
        == "t.csv: there are only 2 groups, too few for three parts")
    #expect(
      error(TableSplitting(isShuffled: false, key: key), grouped)
        == "t.csv: rows are cut by group or in their order; leave --group or --no-shuffle out")
    #expect(
      error(TableSplitting(isShuffled: false, key: key), values, folds: 3)
        == "t.csv: folds are of shuffled rows; leave --no-shuffle or --folds out")
    for count in [1, 21] {
      #expect(
        error(TableSplitting(key: key), values, folds: count)
          == "t.csv: \(count) folds of 20 rows: there must be at least 2 folds, and no more than rows"
      )
    }
    #expect(
      error(TableSplitting(isStratified: true, key: key), values)
        == "t.csv: targets are values, so there are no classes to stratify by")
    // In order, the last rows have a class that the first have not.
    let ordered = try Table(
      parsing: "x,y\n"
        + (0..<20).map { "\($0).5,\($0 < 10 ? "a" : $0 < 19 ? "b" : "c")\n" }.joined(),
      name: "t.csv")
    #expect(
      message { _ = try ordered.split(TableSplitting(isShuffled: false, key: key)) }
        == "t.csv: line 21, column 6: expected a class that the training part has ('a', 'b'), found 'c'"
    )
    let one = try Table(
      parsing: "x,y\n" + (0..<20).map { "\($0).5,\($0 < 15 ? "a" : "b")\n" }.joined(),
      name: "t.csv")
    #expect(
      message { _ = try one.split(TableSplitting(isShuffled: false, key: key)) }
        == "t.csv: column 'y': expected two classes or more in the training part, found only 'a'")
  }

  @Test func weightsMustBeGood() throws {
    func error(_ weights: [String]) throws -> String? {
      let rows = weights.enumerated().map { "\($0).5,\($1),\(Double($0) * 1.5)" }
      let table = try Table(
        parsing: (["x,w,y"] + rows).joined(separator: "\n"), name: "t.csv")
      return message {
        _ = try table.split(
          TableSplitting(isShuffled: false, key: key), options: TableOptions(sampleWeights: "w"))
      }
    }
    #expect(try error(["1", "0", "2", "1"]) == nil)
    #expect(
      try error(["1", "-1", "2", "1"])
        == "t.csv: line 3, column 5: expected a weight from 0 up, found '-1'")
    #expect(
      try error(["0", "0", "0", "1"])
        == "t.csv: column 'w': expected a weight above 0 in the training part, found none")
    #expect(
      try error(["1", "", "0", "1"])
        == "t.csv: line 3, column 5: expected a number in column 'w', found nothing; "
        + "fill it in, or train with --missing drop, mean or median")
  }
}
