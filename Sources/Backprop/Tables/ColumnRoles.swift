/// What each column is used for, as far as names tell.
struct ColumnRoles {
  private var roles: [ColumnSummary.Role]
  /// The places of the targets, in the order in which they were named.
  let targets: [Int]
  private(set) var notes: [String] = []

  /// Finds the columns that options name.
  ///
  /// - Throws: ``ConfigurationError`` if one is not there, or is to be two things.
  init(_ table: Table, _ options: TableOptions) throws(ConfigurationError) {
    roles = table.columns.map { _ in .input }
    var uses: [(name: String, role: ColumnSummary.Role)] = []
    for name in options.drop { uses.append((name, .dropped)) }
    if let name = options.sampleWeights { uses.append((name, .sampleWeights)) }
    if let name = options.group { uses.append((name, .group)) }
    for name in options.targets { uses.append((name, .target)) }
    for name in options.kinds.keys.sorted() { _ = try table.place(of: name) }
    for (name, role) in uses {
      let column = try table.place(of: name)
      let before = roles[column]
      guard before == .input || (before == .dropped && role == .dropped) else {
        let column = "\(table.name): column \(FormatError.quoted(name))"
        let message =
          before == role
          ? "\(column) is named twice as \(Self.phrase(role))"
          : "\(column) is to be \(Self.phrase(before)) and \(Self.phrase(role)): choose one"
        throw ConfigurationError("column", message)
      }
      roles[column] = role
    }
    targets =
      try options.targets.isEmpty
      ? [Self.usualTarget(table, roles)]
      : options.targets.map { (name) throws(ConfigurationError) in
        try table.place(of: name)
      }
    if options.targets.isEmpty {
      let name = table.columns[targets[0]]
      roles[targets[0]] = .target
      let reason = name.lowercased() == "target" ? "the column of that name" : "the last column"
      notes.append("the target is \(FormatError.quoted(name)), \(reason)")
    }
  }

  subscript(column: Int) -> ColumnSummary.Role { roles[column] }

  /// Takes a column out of the inputs.
  mutating func leaveOut(_ column: Int) { roles[column] = .dropped }

  private static func usualTarget(
    _ table: Table, _ roles: [ColumnSummary.Role]
  ) throws(ConfigurationError) -> Int {
    let open = roles.indices.filter { roles[$0] == .input }
    let named =
      open.first { table.columns[$0] == "target" }
      ?? open.first { table.columns[$0].lowercased() == "target" }
    guard let target = named ?? open.last else {
      throw ConfigurationError("target", "\(table.name): no column is left to be the target")
    }
    return target
  }

  private static func phrase(_ role: ColumnSummary.Role) -> String {
    switch role {
    case .input: "an input"
    case .target: "a target"
    case .sampleWeights: "the sample weights"
    case .group: "the group"
    case .dropped: "dropped"
    }
  }
}

extension Table {
  /// The place of a column.
  ///
  /// - Throws: ``ConfigurationError``, with the nearest name, if there is none.
  func place(of name: String) throws(ConfigurationError) -> Int {
    if let column = indices[name] { return column }
    let guess = nearest(to: name, among: columns).map { "; did you mean '\($0)'?" }
    throw ConfigurationError(
      "column",
      "\(self.name): unknown column \(FormatError.quoted(name))"
        + "\(guess.map { "\($0) Columns" } ?? "; columns"): \(columnList)")
  }

  /// The names of the columns, the first twenty of many.
  var columnList: String {
    let shown = columns.prefix(20).map { FormatError.quoted($0).dropFirst().dropLast() }
    let more = columns.count > 20 ? " and \(columns.count - 20) more" : ""
    return shown.joined(separator: ", ") + more
  }
}
