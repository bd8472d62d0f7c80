import ArgumentParser
import Backprop

/// `backprop explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows how backpropagation changes a network, step by step, with all numbers.",
    discussion: """
      Alone it goes through a worked example, a 2-2-2 network with published numbers; flags of the \
      network change its conventions (its biases stay as they are, one for each layer, unless \
      --bias and --no-freeze-biases say otherwise). With a run it explains one sample of the run's data, with \
      --network any network on given numbers.

      Of a small network every number is shown with its formula; of a large one a table of the \
      layers first: --layer, --unit, --weight and --top look closer, --form writes the four \
      equations with matrices. hidden.weight[1,2] is the weight from input 1 to unit 2 of the layer \
      hidden, both from 0.

      Numbers are those of the step's own graph, in float64. Formulas are computed from the numbers \
      in them, and gradients compared with finite differences.

      Examples:
        backprop explain
        backprop explain --weight "hidden.weight[0,0]"
        backprop explain --format html --output example.html
        backprop explain runs/digits-1 --sample 3 --layer hidden --top 3
        backprop explain --worksheet --output sheet.json
        backprop explain --verify sheet.json
      """)

  @Argument(help: ArgumentHelp("A run folder, as train printed it.", valueName: "run"))
  var folder: String?

  @OptionGroup(title: "What to explain") var subject: ExplanationSubjectOptions
  @OptionGroup(title: "What to show") var viewOptions: ExplanationViewOptions
  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Learning") var optimizerOptions: OptimizerOptions

  func run() throws {
    try optimizerOptions.checkCounts()
    let view = try viewOptions.makeView(isExample: folder == nil && networkOptions.network == nil)
    let format = try viewOptions.makeFormat()
    if viewOptions.worksheet, format != .text, format != .json {
      throw ConfigurationError("worksheet", "a worksheet is JSON; leave --format \(format) out")
    }
    if viewOptions.comparePrecision, networkOptions.precision == Precision.bfloat16.rawValue {
      throw ConfigurationError(
        "compare-precision", "--compare-precision compares float32 with float64, not bfloat16")
    }
    var explanation = try ExplanationSubject(self).explanation(
      view, comparesPrecision: viewOptions.comparePrecision)
    if let file = viewOptions.verify {
      return try verify(file, explanation, view)
    }
    explanation.isWorksheet = viewOptions.worksheet
    let text = try explanation.rendered(
      as: viewOptions.worksheet ? .json : format, view, width: terminalWidth ?? 100,
      hasColor: viewOptions.output == nil && hasTerminalColor)
    try write(text)
  }

  private func write(_ text: String) throws {
    let sink = try FileSink(path: viewOptions.output)
    do {
      try sink.write(text)
      try sink.finish()
    } catch is FileSink.ReaderGone {
      return
    } catch {
      sink.discard()
      throw error
    }
  }

  /// Compares somebody's numbers with the right ones; the exit code is 1 if one is wrong.
  private func verify(
    _ file: String, _ explanation: Explanation, _ view: ExplanationView
  ) throws {
    let report = try explanation.verify(contentsOf: file, view)
    if viewOptions.format == ExplanationFormat.json.rawValue {
      try write(report.json.text(pretty: true) + "\n")
    } else {
      try write(report.lines.joined(separator: "\n") + "\n")
    }
    if !report.isRight { throw ExitCode(1) }
  }
}

/// The flags that say what is explained.
struct ExplanationSubjectOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The sample of the run's data that is explained, from 0.", valueName: "number"))
  var sample: Int?

  @Option(
    help: ArgumentHelp("How many samples the batch has, from that one on.", valueName: "count"))
  var samples: Int?

  @Option(
    help: ArgumentHelp("The part of the run's data: training, validation, test.", valueName: "part")
  )
  var part = DataPart.test.rawValue

  @Option(
    help: ArgumentHelp(
      "A file to take the samples from, with targets: a table for a run of a table, else .npz.",
      valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of a run on mnist or fashion-mnist are now.", valueName: "dir"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The inputs of --network, as in \"0.05,0.1\"; several samples with ; between.",
      valueName: "numbers"))
  var inputValues: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The targets of --network, in the same way.", valueName: "numbers"))
  var targetValues: String?

  @Option(
    help: ArgumentHelp(
      "The parameters of --network, a .safetensors file (default: random from --seed).",
      valueName: "file"))
  var parameters: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Update so often, and show the cost after each update.", valueName: "count"))
  var steps: Int?
}

/// The parts of a run's data.
enum DataPart: String, CaseIterable { case training, validation, test }

/// The flags that say what is shown, and how.
struct ExplanationViewOptions: ParsableArguments {
  @Option(help: ArgumentHelp("One layer, by name.", valueName: "name"))
  var layer: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("One unit of it, from 0.", valueName: "number"))
  var unit: Int?

  @Option(
    help: ArgumentHelp(
      "The chain rule of one weight or bias, as in \"hidden.weight[0,1]\"; in the example also w1.",
      valueName: "name"))
  var weight: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many units, weights and terms of large layers are shown, the largest first.",
      valueName: "count"))
  var top: Int?

  @Option(
    help: ArgumentHelp(
      "How the equations are written: \(list(ExplanationView.Form.allCases)).", valueName: "form"))
  var form: String?

  @Flag(help: "Print the algorithm for the network.")
  var pseudocode = false

  @Flag(help: "Compute everything in the network's own precision too, and show the difference.")
  var comparePrecision = false

  @Option(
    help: ArgumentHelp(
      "The format: \(list(ExplanationFormat.allCases)).", valueName: "name"))
  var format = ExplanationFormat.text.rawValue

  @Option(
    help: ArgumentHelp(
      "The file to write, in whole or not at all (default: standard output).", valueName: "file"))
  var output: String?

  @Flag(help: "Write the JSON explanation with the numbers left out, to be filled in.")
  var worksheet = false

  @Option(
    help: ArgumentHelp(
      "Compare the figures of a JSON explanation that somebody else made; exit code 1 if one is wrong.",
      valueName: "file"))
  var verify: String?

  /// - Parameter isExample: whether weights may be called as the worked example calls them.
  func makeView(isExample: Bool) throws -> ExplanationView {
    let known = isExample ? WorkedExample.aliases(bias: .layer) : [:]
    let weight = weight.map { name in known.first { $0.value == name }?.key ?? name }
    return ExplanationView(
      form: try form.map { try choice("form", $0) }, layer: layer, unit: unit,
      weight: try weight.map { try ExplanationView.weight(named: $0) }, isPseudocode: pseudocode,
      top: top)
  }

  func makeFormat() throws -> ExplanationFormat { try choice("format", format) }
}
