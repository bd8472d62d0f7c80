/// Options of layers over images and sequences.
extension LayerOptions {
  private static let sides = 1...1 << 24

  /// A height and width: one whole number for both, or a list of two.
  ///
  /// - Parameters:
  ///   - name: the option, in kebab case.
  ///   - value: what is read or written.
  ///   - isRequired: whether the text must say it.
  ///   - allowsZero: whether the numbers may be 0.
  public mutating func size(
    _ name: String, _ value: inout ImageSize, isRequired: Bool = false, allowsZero: Bool = false
  ) throws {
    let least = allowsZero ? 0 : 1
    try transfer(
      name, &value, isRequired: isRequired,
      expected: "a whole number of at least \(least), or [height, width]",
      read: { ImageSize(json: $0, least: least) }, write: { $0.json(least: least) })
  }

  /// The distance from one window to the next; windows of `size` stand side by side unless told.
  mutating func stride(_ value: inout ImageSize?, of size: ImageSize) throws {
    var stride = value ?? size
    try self.size("stride", &stride)
    value = stride == size ? nil : stride
  }

  /// The distance from one window to the next; windows of `size` stand side by side unless told.
  mutating func stride(_ value: inout Int?, of size: Int) throws {
    var stride = value ?? size
    try count("stride", &stride)
    value = stride == size ? nil : stride
  }

  /// What stands around an image: a number of places, [height, width], or `same`.
  public mutating func padding(_ name: String, _ value: inout Padding) throws {
    try transfer(
      name, &value, expected: "a whole number of at least 0, [height, width], or same",
      read: { json in json == "same" ? .same : ImageSize(json: json, least: 0).map { .places($0) }
      },
      write: { padding in
        switch padding {
        case .places(let size): size.json(least: 0)
        case .same: "same"
        }
      })
  }

  /// What stands before and behind a sequence: a number of places, or `same`.
  public mutating func padding(_ name: String, _ value: inout SequencePadding) throws {
    try transfer(
      name, &value, expected: "a whole number of at least 0, or same",
      read: { json in
        if json == "same" { return .same }
        return json.integer.flatMap { (0...1 << 24).contains($0) ? .places($0) : nil }
      },
      write: { padding in
        switch padding {
        case .places(let places): (0...1 << 24).contains(places) ? .integer(places) : nil
        case .same: "same"
        }
      })
  }

  /// A list of whole numbers of at least 1: the sizes of axes.
  public mutating func sizes(_ name: String, _ value: inout [Int]) throws {
    try transfer(
      name, &value, isRequired: true,
      expected: "a list of one to eight whole numbers of at least 1",
      read: { json in
        guard let sizes = json.elements?.map(\.integer), (1...8).contains(sizes.count) else {
          return nil
        }
        let numbers = sizes.compactMap { $0 }
        return numbers.count == sizes.count && numbers.allSatisfy(Self.sides.contains)
          ? numbers : nil
      },
      write: { sizes in
        sizes.allSatisfy(Self.sides.contains) && (1...8).contains(sizes.count)
          ? .array(sizes.map { .integer($0) }) : nil
      })
  }
}

extension ImageSize {
  fileprivate init?(json: JSONValue, least: Int) {
    let sides = least...1 << 24
    let numbers = json.integer.map { [$0, $0] } ?? json.elements?.compactMap(\.integer) ?? []
    guard numbers.count == 2, json.elements.map({ $0.count == 2 }) ?? true,
      numbers.allSatisfy(sides.contains)
    else { return nil }
    self.init(numbers[0], numbers[1])
  }

  fileprivate func json(least: Int) -> JSONValue? {
    let sides = least...1 << 24
    guard sides.contains(height), sides.contains(width) else { return nil }
    return height == width ? .integer(height) : .array([.integer(height), .integer(width)])
  }
}
