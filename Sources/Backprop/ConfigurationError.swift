/// A setting that cannot be used: which one, and what to write instead.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The kind of setting, as in `activation` or `optimizer`.
  public let option: String
  /// What is wrong and what would be right: one line, complete without ``option``.
  public let message: String
  /// Where it stands in a text of lists and members, from the outside in: indices and names. Empty
  /// for a setting that is one text.
  package let place: [String]

  /// Describes a setting that cannot be used.
  public init(_ option: String, _ message: String) {
    self.init(option, message, place: [])
  }

  package init(_ option: String, _ message: String, place: [String]) {
    (self.option, self.message, self.place) = (option, message.printableLine, place)
  }

  public var description: String { message }

  /// The error for a name that stands for nothing, with the nearest name that does.
  ///
  /// ```
  /// unknown activation 'sigmod'; did you mean 'sigmoid'? Known: identity, sigmoid, …
  /// ```
  ///
  /// - Parameters:
  ///   - kind: what the name should stand for, as in `activation`.
  ///   - name: what was given.
  ///   - known: every name that would do.
  public static func unknown(
    _ kind: String, _ name: String, known: [String]
  ) -> ConfigurationError {
    let list = known.joined(separator: ", ")
    guard let guess = nearest(to: name, among: known) else {
      return ConfigurationError(kind, "unknown \(kind) '\(name)'; known: \(list)")
    }
    return ConfigurationError(
      kind, "unknown \(kind) '\(name)'; did you mean '\(guess)'? Known: \(list)")
  }
}

/// The name most like a given one, or nil if none is close.
///
/// Likeness is the number of letters to insert, delete, replace or swap with a neighbour (Damerau
/// and Levenshtein, each place edited once); case, `_` and spaces do not count. Close means at most
/// a third of the letters.
package func nearest(to name: String, among known: [String]) -> String? {
  // The work grows with the product of the lengths, and nobody mistypes so much.
  guard name.utf8.count <= 64 else { return nil }
  func plain(_ text: String) -> [Character] {
    text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
  }
  let wanted = plain(name)
  let distances = known.map { (name: $0, distance: editDistance(wanted, plain($0))) }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  let limit = max(1, max(wanted.count, best.name.count) / 3)
  return best.distance <= limit && best.distance < wanted.count ? best.name : nil
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  // Rows i − 2, i − 1 and i of the table of distances between prefixes.
  var (older, old) = ([Int](), Array(0...b.count))
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var best = min(old[j] + (a[i] == b[j] ? 0 : 1), old[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
      row.append(best)
    }
    (older, old) = (old, row)
  }
  return old[b.count]
}
