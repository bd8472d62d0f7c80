import Testing

@testable import Backprop
import BackpropCore

@Suite struct TableSchemaTests {
  /// A table with one column of given fields beside others.
  private func table(_ name: String, _ fields: [String]) throws -> Table {
    let rows = fields.enumerated().map { "\($0 % 3).5,\($1),\($0 % 2)" }
    return try Table(
      parsing: (["x,\(name),target"] + rows).joined(separator: "\n"), name: "t.csv")
  }

  private func kind(_ name: String, _ fields: [String]) throws -> ColumnKind? {
    try TableSchema(of: table(name, fields)).columns[1].kind
  }

  private let numbers = (0..<40).map { "\($0 * 7 % 40)" }

  /// A text that is rare among numbers is a mistake, even where the numbers are few enough to be levels.
  @Test func aRareTextAmongFewNumbersIsAMistake() throws {
    let levels = (0..<40).map { "\($0 % 4)" }
    #expect {
      try kind("doors", levels.dropLast() + ["four"])
    } throws: {
      "\($0)".contains("expected a number in column 'doors', as in 39 of its 40 values")
    }
    #expect(try kind("doors", levels.dropLast(3) + ["four", "four", "four"]) == .text)
  }

  @Test func tellsKindsFromValues() throws {
    let fill = TableOptions(missing: .mean)
    #expect(
      try TableSchema(of: table("a", ["1", "2.5", "", "-3e2"]), options: fill).columns[1].kind
        == .number)
    #expect(try kind("a", ["x", "y", "x", "2"]) == .text)
    #expect(try kind("a", ["x", "x", "x", "x"]) == .constant)
    #expect(try kind("a", ["7", "7.0", "07", "7"]) == .constant)
    #expect(try kind("a", ["", "NA", "?", "null"]) == .empty)
    #expect(try kind("a", ["w", "x", "y", "z"]) == .identifier)
    #expect(try kind("a", ["5", "9", "2", "4"]) == .number)
    #expect(try kind("id", ["5", "9", "2", "4"]) == .identifier)
    #expect(try kind("customer_id", ["5", "9", "2", "4"]) == .identifier)
    #expect(try kind("customerId", ["5", "9", "2", "4"]) == .identifier)
    #expect(try kind("id", ["5", "9", "5", "4"]) == .number)
    #expect(try kind("paid", ["5", "9", "2", "4"]) == .number)
    #expect(try kind("id", ["5.5", "9.1", "2.3", "4.7"]) == .number)
    // The third column of a table of text: the target.
    #expect(try TableSchema(of: table("a", ["w", "x", "w", "x"])).columns[2].kind == .class)
  }

  @Test func theFirstColumnMayCountTheRows() throws {
    let counted = try Table(parsing: ",x,y\n0,5,1.5\n1,3,2.5\n2,5,3.5\n", name: "t.csv")
    let schema = try TableSchema(of: counted)
    #expect(schema.columns.map(\.kind) == [.identifier, .number, .number])
    #expect(schema.columns.map(\.role) == [.dropped, .input, .target])
    #expect(
      schema.notes == ["the target is 'y', the last column", "'c1' is an identifier: no input"])
    // x = 1, 2, 3, … alone is what there is to learn from.
    let alone = try Table(parsing: "x,y\n1,1.5\n2,2.5\n3,3.5\n", name: "t.csv")
    #expect(try TableSchema(of: alone).columns[0].kind == .number)
    let told = TableOptions(kinds: ["c1": .number])
    #expect(try TableSchema(of: counted, options: told).columns[0].kind == .number)
  }

  @Test func tellsTheTaskFromTheTarget() throws {
    func target(_ fields: [String], _ options: TableOptions = TableOptions()) throws
      -> TableSchema.Target
    {
      let rows = fields.enumerated().map { "\($0 % 3).5,\($1)" }
      let table = try Table(parsing: (["x,y"] + rows).joined(separator: "\n"), name: "t.csv")
      let schema = try TableSchema(of: table, options: options)
      return schema.target
    }
    #expect(try target(["a", "b", "a"]) == .classes)
    #expect(try target(["true", "false", "true"]) == .classes)
    #expect(try target(["0", "1", "0", "1.0"]) == .classes)
    #expect(try target(["0", "1", "0", "1", "2"]) == .values)
    #expect(try target(["0.5", "1.5", "0.5", "1.5"]) == .values)
    #expect(try target((0..<40).map { "\($0 % 20)" }) == .classes)
    #expect(try target((0..<42).map { "\($0 % 21)" }) == .values)
    #expect(try target(["0", "1", "0", "1"], TableOptions(task: .regression)) == .values)
    #expect(try target(["0", "1", "2"], TableOptions(task: .classification)) == .classes)
    #expect(try target(["0", "1", "2"], TableOptions(kinds: ["y": .class])) == .classes)
    #expect(try target(["0", "1", "0", "1"], TableOptions(kinds: ["y": .number])) == .values)
  }

  @Test func severalTargetsAreLabelsOrValues() throws {
    let table = try Table(
      parsing: "x,a,b,c\n1.5,0,1,7\n2.5,1,1,8.5\n3.5,1,0,9\n", name: "t.csv")
    let labels = TableOptions(targets: ["b", "a"])
    #expect(try TableSchema(of: table, options: labels).target == .labels)
    #expect(try TableSchema(of: table, options: labels).targets == ["b", "a"])
    #expect(
      try TableSchema(of: table, options: TableOptions(targets: ["a", "c"])).target == .values)
    var values = labels
    values.task = .regression
    #expect(try TableSchema(of: table, options: values).target == .values)
  }

  private static let people = """
    name,age,city,weight,group,target
    ann,31,Rome,1,a,yes
    bob,NA,Oslo,2,a,no
    cyd,29,Rome,0.5,b,yes
    dee,44.5,Oslo,1,b,no

    """

  @Test(arguments: [
    (
      TableOptions(drop: ["agee"]),
      "t.csv: unknown column 'agee'; did you mean 'age'? Columns: name, age, city, weight, group, target"
    ),
    (
      TableOptions(targets: ["zzzzzz"]),
      "t.csv: unknown column 'zzzzzz'; columns: name, age, city, weight, group, target"
    ),
    (
      TableOptions(kinds: ["City": .text]),
      "t.csv: unknown column 'City'; did you mean 'city'? Columns: name, age, city, weight, group, target"
    ),
    (
      TableOptions(targets: ["target"], drop: ["target"]),
      "t.csv: column 'target' is to be dropped and a target: choose one"
    ),
    (
      TableOptions(targets: ["age"], sampleWeights: "age"),
      "t.csv: column 'age' is to be the sample weights and a target: choose one"
    ),
    (TableOptions(targets: ["age", "age"]), "t.csv: column 'age' is named twice as a target"),
    (
      TableOptions(kinds: ["city": .number]),
      "t.csv: line 2, column 8: expected a number in column 'city', as in 0 of its 4 values, found 'Rome'"
    ),
    (
      TableOptions(sampleWeights: "city"),
      "t.csv: line 2, column 8: expected a number in column 'city', as in 0 of its 4 values, found 'Rome'"
    ),
    (
      TableOptions(kinds: ["target": .identifier]),
      "t.csv: column 'target' is the target, so it is number or class, not identifier"
    ),
    (
      TableOptions(kinds: ["target": .class], task: .regression),
      "t.csv: column 'target' is to be class, but the task is regression"
    ),
    (
      TableOptions(task: .regression),
      "t.csv: line 2, column 17: expected a number in column 'target', a target of values, found 'yes'"
    ),
    (
      TableOptions(targets: ["age", "city"]),
      "t.csv: line 2, column 8: expected a number in column 'city', a target of values, found 'Rome'"
    ),
    (
      TableOptions(targets: ["age", "weight"], task: .classification),
      "t.csv: column 'age': expected only 0 and 1, as several targets that are labels, "
        + "found '31', '29', '44.5'"
    ),
    (
      TableOptions(drop: ["age", "city", "weight", "group"]),
      "t.csv: expected a column to learn from, found none beside the target (the target is 'target', "
        + "the column of that name; 'name' is an identifier: no input)"
    ),
    (
      TableOptions(drop: ["name", "age", "city", "weight", "group", "target"]),
      "t.csv: no column is left to be the target"
    ),
  ])
  func refusesWhatMakesNoSense(_ options: TableOptions, _ error: String) throws {
    let table = try Table(parsing: Self.people, name: "t.csv")
    #expect(message { _ = try TableSchema(of: table, options: options) } == error)
  }

  @Test func refusesTargetsThatTellNothing() throws {
    func error(_ fields: [String], _ options: TableOptions = TableOptions()) -> String? {
      let rows = fields.enumerated().map { "\($0 % 3).5,\($1)" }
      return message {
        _ = try TableSchema(
          of: Table(parsing: (["x,y"] + rows).joined(separator: "\n"), name: "t.csv"),
          options: options)
      }
    }
    #expect(
      error(["a", "a", "a"]) == "t.csv: column 'y': expected two classes or more, found only 'a'")
    #expect(
      error(["1", "1", "1"]) == "t.csv: column 'y': expected two classes or more, found only '1'")
    #expect(
      error(["1.5", "1.5", "1.5"])
        == "t.csv: column 'y': expected values that differ, found the same in every row")
    #expect(
      error(["NA", "NA"]) == "t.csv: column 'y': expected values to learn, found nothing in any row"
    )
    #expect(
      error((0..<1500).map { "\($0)" }, TableOptions(task: .classification))
        == "t.csv: column 'y': expected at most 1000 classes, found more; for numbers, --task regression"
    )
  }

  @Test func findsTextAmongNumbers() throws {
    var fields = numbers
    fields[25] = "1.2.3"
    #expect(
      message { _ = try kind("a", fields) }
        == "t.csv: line 27, column 5: expected a number in column 'a', as in 39 of its 40 values, "
        + "found '1.2.3'; if it is no mistake, --kind a=text")
    let options = TableOptions(kinds: ["a": .text])
    #expect(try TableSchema(of: table("a", fields), options: options).columns[1].kind == .text)
    // A few numbers and a word are categories.
    #expect(try kind("a", ["0", "1", "2", "3+", "0", "1", "2", "3+"]) == .text)
  }

  @Test func refusesMoreThanFiftyLevels() throws {
    let levels = (0..<104).map { "city \($0 / 2)" }
    #expect(
      message { _ = try kind("home town", levels) }
        == "t.csv: column 'home town': expected at most 50 different texts, found 52; "
        + "leave it out with --drop 'home town'")
    #expect(try kind("a", (0..<100).map { "city \($0 / 2)" }) == .text)
    #expect(shellWord("it's") == "'it'\\''s'")
  }

  @Test func summariesAreATable() throws {
    let options = TableOptions(drop: ["name"], sampleWeights: "weight", group: "group")
    let schema = try TableSchema(
      of: Table(parsing: Self.people, name: "t.csv"), options: options)
    #expect(
      ColumnSummary.lines(schema.columns) == [
        "column  kind        role     missing  distinct  min   max    mean  examples",
        "name    identifier  dropped                  4                     ann, bob, cyd",
        "age     number      input          1         3   29  44.5  34.833  31, 29, 44.5",
        "city    text        input                    2                     Rome, Oslo",
        "weight  number      weights                  3  0.5     2   1.125  1, 2, 0.5",
        "group   text        group                    2                     a, b",
        "target  class       target                   2                     yes, no",
      ])
  }
  /// Five digits, and all of them before the point if there are more.
  @Test func summariesOfLargeNumbers() throws {
    let rows = ["1234.56,12345.6,-98765432.1", "0,0,0"]
    let schema = try TableSchema(
      of: Table(parsing: (["a,b,c"] + rows).joined(separator: "\n"), name: "t.csv"),
      options: TableOptions(targets: ["c"]))
    let lines = ColumnSummary.lines(schema.columns).dropFirst()
    let numbers = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(numbers.map { $0.contains("1234.6") } == [true, false, false])
    #expect(numbers.map { $0.contains("12346") } == [false, true, false])
    #expect(numbers.map { $0.contains("-98765432") } == [false, false, true])
  }
}
