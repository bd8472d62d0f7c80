import Backprop
import Foundation
import Testing

/// The page "The five articles, reproduced": its commands run, and give its numbers.
@Suite("The five articles, reproduced")
struct FiveArticlesTests {
  private static let page: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("Sources/Backprop/Backprop.docc/TheFiveArticles.md")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  /// The commands of the page's code blocks.
  static let commands: [[String]] = {
    let lines = page.replacing(/\\\n\s*/, with: " ").split(separator: "\n")
    return lines.filter { $0.hasPrefix("backprop explain") }.map { line in
      let words = line.split(separator: "\"", omittingEmptySubsequences: false)
      // Every second part stood in quotes.
      return words.enumerated().flatMap { index, part in
        index % 2 == 1
          ? [String(part)] : part.split(separator: " ").map(String.init)
      }.dropFirst().map { $0 }
    }
  }()

  @Test func `every command runs, and every number is there`() throws {
    #expect(Self.commands.count >= 9)
    var known: [Double] = []
    // Conventions that the page's tables name without a block of their own.
    let others = [
      ["explain", "--bias", "layer", "--no-freeze-biases", "--steps", "10000"],
      ["explain", "--bias", "unit", "--no-freeze-biases", "--steps", "10000"],
      ["explain", "--loss", "squared-error"], ["explain", "--loss", "mean-squared-error"],
      ["explain", "--loss", "root-mean-squared-error"],
      ["explain", "--loss", "squared-error", "--bias", "none", "--steps", "1"],
    ]
    for command in Self.commands + others {
      let plain = try Workplace().run(command)
      #expect(plain.code == 0 && plain.errors == "", "\(command)")
      let json = try Workplace().run(command + ["--format", "json"])
      collect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)), &known)
    }
    known.sort()
    var checked = 0
    // What the articles themselves print or mean, as errata.
    let printed = ["0.0000351085", "0.0000350848", "−0.2148786765"]
    for match in Self.page.matches(of: /−?\d+\.\d{10,}(e-\d+)?/) {
      guard !printed.contains(String(match.output.0)) else { continue }
      let text = String(match.output.0).replacing("−", with: "-")
      let number = try #require(Double(text))
      checked += 1
      // Those after many steps have 12 digits.
      let isKnown = known.contains { abs($0 - number) <= 5e-12 * abs(number) }
      if !isKnown { Issue.record("no command gives \(text)") }
    }
    #expect(checked > 80)
  }

  private func collect(_ value: Any, _ numbers: inout [Double]) {
    switch value {
    case let list as [Any]: list.forEach { collect($0, &numbers) }
    case let object as [String: Any]: object.values.forEach { collect($0, &numbers) }
    case let number as NSNumber: numbers.append(number.doubleValue)
    default: break
    }
  }
}
