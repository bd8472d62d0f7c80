import ArgumentParser
import Backprop

/// `backprop predict`.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predicts the rows of a file by the network of a run.",
    discussion: """
      Writes CSV, a row for each row of the file, in its order: row (from 1, without the header), \
      prediction, and the probability of each class. Values are in the units of the training \
      file. Several targets have a column prediction_NAME each. The file is read, and predictions \
      are written, block by block: it may be larger than memory. Rows that --missing drop would \
      leave out are left out.
      """)

  @Argument(help: ArgumentHelp("The run folder, as train printed it.", valueName: "run"))
  var folder: String

  @Argument(
    help: ArgumentHelp(
      "A table with the columns that the run learnt from, in any order; - for standard input.",
      discussion: "Runs of other data take inputs as a .npy file.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "The file to write, in whole or not at all (default: standard output).", valueName: "file"))
  var output: String?

  @OptionGroup var format: FormatFlags

  @Flag(help: "Write a JSON object a row.")
  var json = false

  func run() throws {
    let model = try Model(contentsOf: folder)
    let writer = PredictionWriter(model, isJSON: json)
    if model.preprocessing == nil { return try predictArray(model, writer) }
    guard DataFiles.kind(of: file) == .table else {
      throw ConfigurationError(
        "file", "\(folder) learnt from a table: \(file) must be one too, such as a .csv file")
    }
    var reader = try CSVReader(path: file, format: format.makeFormat())
    var warnings = TableWarnings()
    try write { sink in
      var (start, isFirst) = (0, true)
      while let table = try reader.next() {
        let prediction = try model.predict(table, warnings: &warnings)
        // The first block may have an error: then there should be no header either.
        if isFirst { try sink.write(writer.header) }
        isFirst = false
        if let prediction { try sink.write(writer.lines(prediction, start: start)) }
        start += table.count
      }
    }
    warnings.lines.forEach { complain("backprop: warning: \(reader.name): \($0)") }
  }

  private func predictArray(_ model: Model, _ writer: PredictionWriter) throws {
    guard DataFiles.kind(of: file) == .npy else {
      throw ConfigurationError(
        "file", "\(folder) did not learn from a table: \(file) must be a .npy file with inputs")
    }
    let inputs = try NPY.read(file)
    let data = inputs.shape.rank == 1 ? inputs.reshaped(to: [inputs.shape.count, 1]) : inputs
    let outputs = try model.predict(data)
    try write { sink in
      try sink.write(writer.header)
      try sink.write(writer.lines(model.prediction(ofOutputs: outputs), start: 0))
    }
  }

  /// Opens the output, and removes it if not all could be written.
  private func write(_ body: (FileSink) throws -> Void) throws {
    let sink = try FileSink(path: output)
    if output != nil {
      onInterrupt { _ in sink.discard() ? "interrupted; nothing was saved" : nil }
    }
    do {
      try body(sink)
      try sink.finish()
    } catch is FileSink.ReaderGone {
      return
    } catch {
      sink.discard()
      throw error
    }
  }
}

/// Predictions as lines of CSV or JSON.
struct PredictionWriter {
  private let names: [String]
  private let targets: [String]
  private let isClassification: Bool
  private let areLabels: Bool
  private let hasProbabilities: Bool
  private let isJSON: Bool
  private let isDouble: Bool

  init(_ model: Model, isJSON: Bool) {
    self.isJSON = isJSON
    isDouble = model.step.precision == .float64
    let outputs = model.step.target.outputs
    isClassification = if case .classes = model.step.target { true } else { false }
    areLabels = model.preprocessing?.targetKind == .labels
    names = model.classNames ?? (0..<outputs).map { "\($0)" }
    targets = model.preprocessing?.targets ?? (0..<outputs).map { "y\($0 + 1)" }
    hasProbabilities =
      model.step.probabilities(ofOutputs: [Double](repeating: 0.5, count: outputs)) != nil
  }

  /// The first line of CSV; nothing for JSON.
  var header: String {
    guard !isJSON else { return "" }
    var cells = ["row"]
    if isClassification {
      cells.append("prediction")
      if hasProbabilities { cells += names.map { "probability_\($0)" } }
    } else {
      cells += targets.count == 1 ? ["prediction"] : targets.map { "prediction_\($0)" }
      if areLabels, hasProbabilities { cells += targets.map { "probability_\($0)" } }
    }
    return cells.map(Self.quoted).joined(separator: ",") + "\n"
  }

  /// The lines of some rows.
  ///
  /// - Parameter start: the number of rows before the block.
  func lines(_ prediction: TablePrediction, start: Int) -> String {
    let values = prediction.numbers?.array(of: Double.self) ?? []
    let width = prediction.rows.isEmpty ? 0 : values.count / prediction.rows.count
    var text = ""
    for (index, row) in prediction.rows.enumerated() {
      let numbers = values[index * width..<(index + 1) * width]
      let name = isClassification ? prediction.classes[index] : nil
      let line = isJSON ? jsonLine : csvLine
      text += line(start + row + 1, name, numbers) + "\n"
    }
    return text
  }

  private func csvLine(_ row: Int, _ name: String?, _ numbers: ArraySlice<Double>) -> String {
    var text = "\(row)"
    if let name { text += "," + Self.quoted(name) }
    if areLabels { for number in numbers { text += number > 0.5 ? ",1" : ",0" } }
    for number in numbers { text += "," + self.text(number) }
    return text
  }

  private func jsonLine(_ row: Int, _ name: String?, _ numbers: ArraySlice<Double>) -> String {
    func json(_ number: Double) -> JSONValue {
      isDouble ? .number(number) : JSONValue(Float(number))
    }
    func object(_ names: [String], _ value: (Double) -> JSONValue) -> JSONValue {
      .object(zip(names, numbers).map { .init($0, value($1)) })
    }
    var members: [JSONValue.Member] = [.init("row", .integer(row))]
    if let name {
      members.append(.init("prediction", .string(name)))
      if hasProbabilities { members.append(.init("probabilities", object(names, json))) }
    } else if areLabels {
      members.append(.init("prediction", object(targets) { .integer($0 > 0.5 ? 1 : 0) }))
      members.append(.init("probabilities", object(targets, json)))
    } else if targets.count == 1 {
      members.append(.init("prediction", json(numbers.first ?? 0)))
    } else {
      members.append(.init("prediction", object(targets, json)))
    }
    return JSONValue.object(members).text()
  }

  private func text(_ number: Double) -> String {
    isDouble ? "\(number)" : "\(Float(number))"
  }

  private static func quoted(_ text: String) -> String {
    let mustQuote = text.utf8.contains {
      [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0a, 0x0d].contains($0)
    }
    let inner = text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return mustQuote ? "\"\(inner)\"" : text
  }
}
