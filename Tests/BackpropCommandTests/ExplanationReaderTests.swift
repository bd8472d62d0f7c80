import Foundation
import Testing

/// What readers of explanations do with them: pdflatex sets the documents, a browser walks through
/// the pages. Both come from Debian's packages; where they are absent, the tests say so and pass.
@Suite(.serialized) struct ExplanationReaderTests {
  private static let networks: [[String]] = [
    [], ["--form", "matrix"], ["--form", "diagonal"], ["--form", "jacobian", "--bias", "none"],
    ["--pseudocode"], ["--weight", "hidden.weight[0,0]"], ["--steps", "30"],
    batch("[dense: 3, batch-norm, relu, dense: _]", "softmax-cross-entropy"),
    batch("2-3-3-2 gelu softmax", "cross-entropy") + ["--form", "matrix"],
    batch("2-3-3-2 leaky-relu", "huber"),
    batch("[{dense: {units: 3, name: \"a_b%&#\"}}, tanh, dense: _]", "mean-squared-error"),
    batch(Self.oddNames, "squared-error"),
  ]

  /// Names with what means something in HTML, LaTeX and addresses.
  private static let oddNames =
    "[{dense: {units: 3, name: 'my <layer> 50%'}}, {tanh: {name: 't\"q'}}, dense: _]"

  private static func batch(_ network: String, _ loss: String) -> [String] {
    [
      "--network", network, "--loss", loss, "--input-values", "0.1,0.2;0.3,-.4", "--target-values",
      "0,1;1,0",
    ]
  }

  @Test(.enabled(if: tool("pdflatex") != nil, "pdflatex is not installed"), arguments: networks)
  func `LaTeX compiles`(_ arguments: [String]) throws {
    let place = try Workplace()
    let run = try place.run(["explain", "--format", "latex", "--output", "e.tex"] + arguments)
    #expect(run.code == 0, "\(run.errors)")
    let (code, output) = try Self.run(
      "pdflatex", ["-interaction=nonstopmode", "-halt-on-error", "e.tex"], in: place.path)
    #expect(code == 0, "\(output.suffix(1500))")
    #expect(!output.contains("Missing character"), "\(output.suffix(1500))")
    #expect(place.contents.contains("e.pdf"))
  }

  @Test(
    .enabled(
      if: tool("chromium") != nil && tool("python3") != nil, "chromium or python3 is not installed"),
    arguments: [
      ([], "hidden.weight[0,0]"), (batch(Self.oddNames, "squared-error"), nil),
      (
        batch("[dense: 3, batch-norm, relu, dense: _]", "softmax-cross-entropy"),
        "dense1.weight[0,0]"
      ),
      (
        [
          "--network", "40-30-10 sigmoid", "--loss", "softmax-cross-entropy", "--input-values",
          (0..<40).map { "0.\($0)" }.joined(separator: ","), "--target-values",
          "0,0,1,0,0,0,0,0,0,0",
        ], nil
      ),
    ] as [([String], String?)])
  func `a browser walks through the page`(_ arguments: [String], _ weight: String?) throws {
    let place = try Workplace()
    let run = try place.run(["explain", "--format", "html", "--output", "e.html"] + arguments)
    #expect(run.code == 0, "\(run.errors)")
    let page = try place.text("e.html")
    #expect(page.utf8.count < 1_000_000)
    let shown = page.firstMatch(of: /id="chain-([^"]*weight[^"]*)"/).map { match in
      [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")].reduce(
        String(match.output.1)
      ) { $0.replacing($1.0, with: $1.1) }
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Browser/check_page.py").path
    let (code, output) = try Self.run(
      "python3", [script, "e.html", "--weight", weight ?? shown ?? ""], in: place.path)
    #expect(code == 0, "\(output)")
  }

  /// Programs are looked for unless BACKPROP_READERS is `no`: builds that differ in kernels or
  /// sanitizers write the same pages, and browsers are slow.
  private static func tool(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    guard environment["BACKPROP_READERS"] != "no" else { return nil }
    return (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  private static func run(
    _ name: String, _ arguments: [String], in folder: String
  ) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool(name) ?? "/usr/bin/\(name)")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
