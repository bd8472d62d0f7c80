import Testing

@testable import Backprop
import BackpropCore

@Suite(.enabled(if: SharedData.isThere)) struct RealTablesTests {
  private func table(_ name: String) throws -> Table {
    try Table.load("\(SharedData.path ?? "")/tables/\(name).csv")
  }

  @Test(arguments: [
    ("iris", 150, 4, TableSchema.Target.classes), ("wine", 178, 13, .classes),
    ("breast_cancer", 569, 30, .classes), ("digits", 1797, 61, .classes),
    ("diabetes", 442, 10, .values), ("boston_housing", 506, 13, .values),
  ])
  func becomesASplit(_ name: String, _ rows: Int, _ features: Int, _ target: TableSchema.Target)
    throws
  {
    let table = try table(name)
    #expect(table.count == rows)
    let split = try table.split(TableSplitting(key: RandomKey(1)))
    #expect(split.preprocessing.targetKind == target)
    #expect(split.data.training.featureCount == features)
    let counts = [split.data.training.count, split.data.validation.count, split.data.test.count]
    #expect(counts.reduce(0, +) == rows)
    #expect(ColumnSummary.lines(split.columns).count == table.columns.count + 1)
  }

  @Test func irisHasThePartsOfTheBundledIris() throws {
    let split = try table("iris").split(TableSplitting(key: RandomKey(7)))
    let bundled = try Dataset.iris().split(key: RandomKey(7))
    #expect(split.preprocessing.classNames == ["setosa", "versicolor", "virginica"])
    #expect(split.data.training.targets == bundled.training.targets)
    #expect(split.data.test.targets == bundled.test.targets)
    // The same numbers, but for standardising in float64 here.
    let scaled = bundled.test.inputFloats()
    let scaling = Scaling.standard(fittedTo: bundled.training)
    let expected = scaling.applied(to: scaled)
    for (a, b) in zip(split.data.test.inputFloats(), expected) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func autoMPGNeedsItsNamesDropped() throws {
    let table = try table("auto_mpg")
    #expect(
      message { _ = try table.split(TableSplitting(key: RandomKey(1))) }
        == "\(table.name): column 'car_name': expected at most 50 different texts, found 301; "
        + "leave it out with --drop car_name")
    let split = try table.split(
      TableSplitting(key: RandomKey(1)), options: TableOptions(drop: ["car_name"]))
    #expect(split.preprocessing.targetKind == .values)
    #expect(split.data.training.featureCount == 7)
  }
}
