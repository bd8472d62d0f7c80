import Testing

/// What is wrong with a table or with what is asked of it: one line, a code that is not 0, and
/// nothing left behind.
@Suite struct TableErrorTests {
  private static let usual = "a,b,target\n1,2.5,x\n2,1.5,y\n3,0.5,x\n4,3.5,y\n5,2,x\n6,1,y\n"

  static let cases: [(text: String, flags: [String], message: String)] = [
    (usual, ["--target", "tagret"], "t.csv: unknown column 'tagret'; did you mean 'target'? "),
    ("a,target\n1,2\n1,2,3\n", [], "t.csv: line 3, column 5: expected 2 fields, as in the header"),
    ("a,a\n1,2\n", [], "t.csv: line 1, column 3: expected names that differ, found 'a' again"),
    ("", [], "t.csv: expected rows of a table, found an empty file"),
    ("a,target\n", [], "t.csv: line 2, column 1: expected rows below the header"),
    ("a,target\n1,x\n2,x\n3,x\n", [], "t.csv: column 'target': expected two classes or more"),
    (usual, ["--drop", "target", "--target", "target"], "column 'target' is to be dropped and a"),
    ("a,b,target\n1,,2\n,3,4\n", ["--missing", "drop"], "expected a row without a missing field"),
    (
      "a,b,target\n1,,2\n4,3,4\n5,6,7\n8,1,2\n", [],
      "t.csv: line 2, column 3: expected a number in column 'b'"
    ),
    ("a,target\n1.5,2\ninf,4\n2,1\n", [], "line 3, column 1: expected a finite number"),
    (usual, ["--kind", "b"], "--kind 'b': expected COLUMN=KIND"),
    (usual, ["--kind", "b=nubmer"], "unknown kind of column 'nubmer'; did you mean 'number'?"),
    (usual, ["--task", "regresion"], "unknown task 'regresion'; did you mean 'regression'?"),
    (usual, ["--missing", "men"], "unknown policy for missing fields 'men'; did you mean 'mean'?"),
    (usual, ["--folds", "1"], "1 folds of 6 rows: there must be at least 2"),
    (usual, ["--class-weights", "even"], "unknown class weights 'even'; known: balanced"),
    (usual, ["--patience", "0"], "patience is 0; expected a whole number of at least 1"),
    (usual, ["--target-file", "y.npy"], "--target-file goes with a .npy file"),
    (usual, ["--delimiter", "pipe"], "unknown delimiter 'pipe'"),
    (usual, ["--test", "no.csv"], "cannot read no.csv: No such file or directory"),
    ("a,target\n1,x\n2,x\n3,x\n4,y\n5,y\n", [], "class 'y' has only 2 samples, too few for three"),
  ]

  @Test(arguments: cases.indices)
  func isOneLine(index: Int) throws {
    let (text, flags, message) = Self.cases[index]
    let place = try Workplace()
    try place.write("t.csv", Array(text.utf8))
    let run = try place.run(["train", "t.csv"] + flags)
    #expect(run.code == 1)
    #expect(run.errors.hasPrefix("backprop: error: "))
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(place.contents == ["t.csv"])
  }

  @Test func dataWithNamesTakesNoFlagsOfFiles() throws {
    let run = try Workplace().run(["train", "iris", "--drop", "a"])
    #expect(
      run.errors == "backprop: error: --drop goes with a file of your own, not with iris; the file "
        + "stands before the flags, which take every word up to the next flag\n")
  }

  @Test func folderIsNoTable() throws {
    let place = try Workplace()
    #expect(try place.run(["train", "."]).errors.contains("cannot read .: Is a directory"))
  }

  @Test func classThatTrainingNeverSaw() throws {
    let place = try Workplace()
    try place.write("t.csv", Array(Self.usual.utf8))
    try place.write("test.csv", Array("a,b,target\n1,2,z\n".utf8))
    let run = try place.run(["train", "t.csv", "--test", "test.csv"])
    #expect(run.errors.contains("test.csv: line 2, column 5: expected a class that the training"))
  }

  @Test func predictionsNeedTheColumnsOfTheTraining() throws {
    let place = try Workplace()
    try place.write("t.csv", Array(TableCommandTests.prices().utf8))
    #expect(try place.run(["train", "t.csv", "--epochs", "2", "--output", "run"]).code == 0)
    try place.write("lack.csv", Array("x\n1\n".utf8))
    let lack = try place.run(["predict", "run", "lack.csv", "--output", "p.csv"])
    #expect(lack.errors.contains("lack.csv: expected a column 'noise', the model learnt from"))
    try place.write("extra.csv", Array("x,noise,more\n1,2,3\n".utf8))
    let extra = try place.run(["predict", "run", "extra.csv"])
    #expect(extra.code == 0 && extra.lines.count == 2)
    #expect(extra.errors.contains("ignored, as the model does not use it: 'more'"))
    try place.write("bad.csv", Array("x,noise\n1,2\n3,inf\n".utf8))
    let bad = try place.run(["predict", "run", "bad.csv", "--output", "p.csv"])
    #expect(bad.errors.contains("bad.csv: line 3, column 3: expected a finite number"))
    #expect(!place.contents.contains { $0.hasPrefix("p.csv") })
  }
}
