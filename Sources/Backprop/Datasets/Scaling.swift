import BackpropCore

/// How inputs are brought to a common size: x′ = (x − offset) · scale, in float32, for all features
/// or each.
///
/// A scaling is recorded with a data set (``Dataset/scaled(by:)``) and applied where a batch is put
/// together, so that images stay bytes in memory; it is saved with a model, so that predictions see
/// the same numbers.
public struct Scaling: Hashable, Sendable {
  /// What is subtracted: one number for all features, or one for each in row-major order.
  public let offset: [Float]
  /// What the difference is multiplied by; as many numbers as ``offset``.
  public let scale: [Float]

  /// Makes a scaling from its numbers.
  ///
  /// - Throws: ``DataError`` if the counts differ or are 0, or a number is not finite.
  public init(offset: [Float], scale: [Float]) throws(DataError) {
    guard !offset.isEmpty, offset.count == scale.count else {
      throw DataError(
        "scaling",
        "\(offset.count) offsets and \(scale.count) scales are not as many of each, one or more")
    }
    for column in offset.indices where !(offset[column].isFinite && scale[column].isFinite) {
      throw DataError(
        "scaling", column: column,
        "offset \(offset[column]) and scale \(scale[column]) are not both finite")
    }
    (self.offset, self.scale) = (offset, scale)
  }

  private init(unchecked offset: [Float], _ scale: [Float]) {
    (self.offset, self.scale) = (offset, scale)
  }

  /// Divides everything by one number, as `.unit(255)` brings bytes to 0...1.
  ///
  /// The scale is the float32 nearest to 1/divisor; a divisor of 0 or one that is not finite is a
  /// programmer's mistake.
  public static func unit(_ divisor: Double) -> Scaling {
    precondition(
      divisor.isFinite && Float(1 / divisor).isFinite, "nothing can be divided by \(divisor)")
    return Scaling(unchecked: [0], [Float(1 / divisor)])
  }

  /// Brings each feature to mean 0 and deviation 1 over a data set, the training part as a rule.
  ///
  /// The deviation is that of the population, √(Σ(x − mean)²/n); mean and deviation are taken in
  /// float64 of the raw inputs, whatever scaling is recorded with them. A feature that never
  /// changes is only moved to 0.
  public static func standard(fittedTo data: Dataset) -> Scaling {
    let values = data.inputFloats()
    let columns = data.featureCount
    let count = Double(data.count)
    var means = [Double](repeating: 0, count: columns)
    var squares = means
    var isConstant = [Bool](repeating: true, count: columns)
    for start in stride(from: 0, to: values.count, by: columns) {
      for column in 0..<columns {
        means[column] += Double(values[start + column])
        if values[start + column] != values[column] { isConstant[column] = false }
      }
    }
    for column in 0..<columns { means[column] /= count }
    for start in stride(from: 0, to: values.count, by: columns) {
      for column in 0..<columns {
        let difference = Double(values[start + column]) - means[column]
        squares[column] += difference * difference
      }
    }

    var offset = [Float](repeating: 0, count: columns)
    var scale = [Float](repeating: 1, count: columns)
    for column in 0..<columns {
      // The mean of equal numbers may be rounded, and their deviation then tiny but not 0.
      offset[column] = isConstant[column] ? values[column] : Float(means[column])
      let factor = Float(1 / (squares[column] / count).squareRoot())
      if !isConstant[column], factor.isFinite { scale[column] = factor }
    }
    return Scaling(unchecked: offset, scale)
  }

  /// The scaled values of samples whose features follow each other.
  package func applied(to values: [Float]) -> [Float] {
    if offset.count == 1 {
      let (offset, scale) = (offset[0], scale[0])
      return values.map { ($0 - offset) * scale }
    }
    var result = values
    var column = 0
    for index in result.indices {
      result[index] = (result[index] - offset[column]) * scale[column]
      column = column + 1 == offset.count ? 0 : column + 1
    }
    return result
  }
}

extension Scaling {
  /// Values of one row after the other as they were before scaling: x = x′ / scale + offset.
  func undone(_ values: [Double]) -> [Double] {
    values.enumerated().map { index, value in
      let column = index % offset.count
      return value / Double(scale[column]) + Double(offset[column])
    }
  }
}

extension Scaling: Codable {
  private enum CodingKeys: String, CodingKey { case offset, scale }

  /// Reads a scaling; numbers that no scaling can have are a `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let offset = try container.decode([Float].self, forKey: .offset)
    let scale = try container.decode([Float].self, forKey: .scale)
    do {
      try self.init(offset: offset, scale: scale)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .offset, in: container, debugDescription: error.description)
    }
  }
}
