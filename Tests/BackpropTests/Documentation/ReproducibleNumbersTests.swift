import Backprop
import ElementaryFunctions
import Testing

/// What the article "Reproducible numbers" and the ops say about errors, against the table that is measured.
@Suite("Reproducible numbers")
struct ReproducibleNumbersTests {
  private typealias Power = ElementaryFunction.Power

  private func text(_ path: String) throws -> String {
    var root = #filePath[...]
    while !root.isEmpty, !root.hasSuffix("/Tests/BackpropTests/") { root = root.dropLast() }
    let file = root.dropLast("Tests/BackpropTests/".count) + "Sources/" + path
    return String(decoding: try FileIO.read(String(file)), as: UTF8.self)
  }

  private func row(
    _ name: String, _ bounds: (float32: Double, float64: Double),
    _ origin: ElementaryFunction.Origin
  ) -> String {
    let owner = origin == .library ? "the C library" : "the kernels"
    return
      "| `\(name)` | \(hundredths(bounds.float32)) | \(hundredths(bounds.float64)) | \(owner) |"
  }

  @Test func theArticleHasEveryBound() throws {
    let article = try text("Backprop/Backprop.docc/ReproducibleNumbers.md")
    var rows = ElementaryFunction.all.map { row($0.name, $0.bounds, $0.origin) }
    rows.append(row(Power.name, Power.bounds, Power.origin))
    for row in rows { #expect(article.contains("\n\(row)"), "the article lacks: \(row)") }
  }

  @Test func theOpsSayTheirBounds() throws {
    var functions = ElementaryFunction.all.map { ($0.name, $0.bounds) }
    functions.append((Power.name, Power.bounds))
    for (name, bounds) in functions where name != "sqrt" {
      let op = try text("BackpropCore/Ops/\(name.prefix(1).uppercased() + name.dropFirst()).swift")
      let words =
        "at most \(hundredths(bounds.float32)) ulp in Float32 and \(hundredths(bounds.float64)) in Float64"
      // Comments may break anywhere.
      let flat = op.split(whereSeparator: \.isWhitespace).filter { $0 != "///" }
      #expect(flat.joined(separator: " ").contains(words), "\(name) does not say: \(words)")
    }
  }
}
