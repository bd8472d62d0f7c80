public import BackpropCore

/// A learnt vector for each of a number of things: rows of a table picked by index.
///
/// ```swift
/// let x = try scope("embedding", Embedding(65, features: 32), tokens)   // [batch, time, 32]
/// ```
///
/// As PyTorch's `Embedding`. With ``padding`` that index gives zeros, and its row, which starts at 0,
/// gets no gradient. (PyTorch gives the row as it stands, which is 0 too unless somebody changes it.)
///
/// An index that the data specification allows (`.index(…, below:)`) must have a row: a step whose
/// table is too small is refused when it is made.
///
/// - Shapes: int32 [...] → [..., features].
/// - Parameters it declares: `weight` [count, features], role weight.
/// - Throws: `ShapeError` if the input holds no indices; ``ConfigurationError`` for sizes or a padding
///   index out of range.
public struct Embedding: Layer {
  /// How many rows there are; indices run from 0 to count − 1.
  public var count: Int
  /// How many numbers a row has.
  public var features: Int
  /// The index that stands for nothing; nil if all stand for something.
  public var padding: Int?
  /// How the rows start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    _ count: Int, features: Int, padding: Int? = nil, initializer: Initializer = .standardNormal
  ) {
    (self.count, self.features, self.padding) = (count, features, padding)
    self.initializer = initializer
  }

  public func callAsFunction(_ indices: Value, _ scope: Scope) throws -> Value {
    let table = try table(scope)
    guard indices.scalarType == .int32 else {
      throw ShapeError(
        kind, [indices.shape],
        "takes int32 indices, not \(indices.scalarType.rawValue); "
          + "describe the input as .index(…, below: \(count))")
    }
    try requireCountable(indices.shape.sizes + [features], kind, indices)
    let rows = try table.gathered(indices)
    guard let padding else { return rows }
    let column = Shape(indices.shape.sizes + [1])
    let number = try indices.cast(to: table.scalarType).reshaped(to: column)
    return try number.equal(to: Double(padding)).select(0, rows)
  }

  /// The products of vectors with all rows of the table: logits of the things that the table holds,
  /// with the same weights. The scope must be the same shared place that the indices were embedded in.
  ///
  /// ```swift
  /// let tokens = scope.shared("tokens")
  /// let x = try embedding(input, tokens)
  /// let logits = try embedding.logits(of: network(x), tokens)
  /// ```
  ///
  /// - Shapes: x [..., features] → [..., count].
  /// - Source: O. Press, L. Wolf, "Using the Output Embedding to Improve Language Models" (2017).
  public func logits(of x: Value, _ scope: Scope) throws -> Value {
    let table = try table(scope)
    guard x.shape.rank >= 2, x.shape.last == features else {
      throw ShapeError(
        kind, [x.shape, table.shape],
        "the last axis of the first must have the second's \(features) features")
    }
    try requireCountable([x.shape.rows, count], kind, x)
    let rows = try x.reshaped(to: [x.shape.rows, features]).matmul(table, transposeB: true)
    return try rows.reshaped(to: Shape(x.shape.sizes.dropLast() + [count]))
  }

  private func table(_ scope: Scope) throws -> Value {
    guard count >= 1, features >= 1 else {
      throw ConfigurationError(
        kind, "\(kind): \(count) rows of \(features) features; expected at least 1 of each")
    }
    guard let padding else {
      return try scope.parameter("weight", [count, features], initializer, role: .weight)
    }
    guard (0..<count).contains(padding) else {
      throw ConfigurationError(
        kind, "\(kind): the padding index is \(padding); expected 0 to \(count - 1)")
    }
    return try scope.parameter(
      "weight", [count, features], initializer.zeroing(row: padding), role: .weight)
  }
}

extension Initializer {
  /// The same numbers but for one row, which is 0.
  fileprivate func zeroing(row: Int) -> Initializer {
    Initializer("\(name), row \(row) 0") { shape, key in
      var numbers = self(shape, key: key)
      let width = shape.last
      for place in row * width..<(row + 1) * width { numbers[place] = 0 }
      return numbers
    }
  }
}

extension Embedding: SpecifiedLayer {
  /// Its sizes must be said.
  public static let templates = [Embedding(0, features: 0)]

  public var kind: String { "embedding" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("count", &count, isRequired: true)
    try options.count("features", &features, isRequired: true)
    try options.index("padding", &padding)
    try options.initializer("initializer", &initializer)
  }
}
