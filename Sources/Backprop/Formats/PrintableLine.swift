extension String {
  /// This text as part of one line that a terminal shows as it is: line ends, escape sequences and
  /// other characters without a form of their own are written as `\\n` or `\\u{1B}`, and what is
  /// longer than any message is cut.
  ///
  /// Messages and tables have names from files in them, and a file may come from anybody.
  package var printableLine: String {
    if utf8.count <= Self.lineLimit, utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
    var line = ""
    for (count, scalar) in unicodeScalars.enumerated() {
      if count == Self.lineLimit {
        line += "…"
        break
      }
      if scalar.properties.isPrintable {
        line.unicodeScalars.append(scalar)
      } else {
        line += scalar.escaped(asASCII: true)
      }
    }
    return line
  }

  /// The most scalars of a line.
  private static var lineLimit: Int { 4000 }
}
