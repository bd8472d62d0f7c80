import Backprop

/// What a command line or a configuration file says, flag by flag.
struct GivenFlags {
  /// A flag with its values: none for a flag that takes none, several for a list.
  struct Entry: Equatable {
    let key: String
    var values: [String]
  }

  private(set) var entries: [Entry] = []

  init() {}

  /// Reads the arguments behind the name of a command. What is wrong with them is for the parser of
  /// the command to tell: here they are only taken apart.
  init(arguments: [String], flags: CommandFlags) {
    let positional = flags.flags.filter { $0.kind == .positional }
    var positionals = positional.makeIterator()
    var rest = arguments[...]
    var isOpen = true
    while let argument = rest.popFirst() {
      guard isOpen, argument.hasPrefix("-"), argument != "-" else {
        if let flag = positionals.next() ?? positional.last(where: \.isRepeating) {
          add(flag.key, [argument])
        }
        continue
      }
      if argument == "--" {
        isOpen = false
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let flag = flags.flags.first(where: { $0.names.contains(String(parts[0])) }) else {
        continue
      }
      if flag.kind == .flag {
        // Of opposites, the last counts.
        if let opposite = flags.opposite(of: flag.key) { remove(opposite.key) }
        add(flag.key, [])
      } else if parts.count == 2 {
        add(flag.key, [String(parts[1])], replaces: !flag.isRepeating)
      } else if flag.takesMany {
        while let value = rest.first, !value.hasPrefix("-") {
          add(flag.key, [value])
          rest = rest.dropFirst()
        }
      } else if let value = rest.popFirst() {
        add(flag.key, [value], replaces: !flag.isRepeating)
      }
    }
  }

  subscript(key: String) -> [String]? { entries.first { $0.key == key }?.values }

  /// Adds values to a flag, or says them anew.
  mutating func add(_ key: String, _ values: [String], replaces: Bool = false) {
    guard let index = entries.firstIndex(where: { $0.key == key }) else {
      entries.append(Entry(key: key, values: values))
      return
    }
    entries[index].values = replaces ? values : entries[index].values + values
  }

  /// Whether a flag is said here, or its opposite.
  func decides(_ key: String, _ flags: CommandFlags) -> Bool {
    self[key] != nil || flags.opposite(of: key).map { self[$0.key] != nil } ?? false
  }

  mutating func remove(_ key: String) { entries.removeAll { $0.key == key } }

  /// This as arguments: positional ones first.
  func arguments(_ flags: CommandFlags) -> [String] {
    var (first, last) = ([String](), [String]())
    for entry in entries {
      guard let flag = flags[entry.key] else { continue }
      let name = flag.names.first { $0.hasPrefix("--") } ?? flag.names.first ?? ""
      switch flag.kind {
      case .positional: first += entry.values
      case .flag: last.append(name)
      case .option: last += entry.values.map { "\(name)=\($0)" }
      }
    }
    return first + last
  }
}
