import BackpropCore

/// How often each true class was taken for which.
public struct ConfusionMatrix: Hashable, Sendable {
  /// The number of classes.
  public let classes: Int
  /// The counts, `counts[actual][predicted]`.
  public let counts: [[Int]]

  /// Counts predictions.
  ///
  /// - Throws: `ShapeError` if the arrays do not fit, are empty, or hold a class outside
  ///   `0 ..< classes`.
  public init(predicted: [Int], actual: [Int], classes: Int) throws {
    try Metrics.requireSameCount("confusion-matrix", predicted.count, actual.count)
    // Rows of zeros are one and the same in memory.
    let size = Double(classes) * Double(Set(actual).count) * Double(MemoryLayout<Int>.size)
    guard size <= Double(MachineMemory.byteCount) else {
      throw ShapeError(
        "confusion-matrix", [], "\(classes) classes take more memory than this machine has")
    }
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: max(classes, 0)), count: max(classes, 0))
    for (predicted, actual) in zip(predicted, actual) {
      guard counts.indices.contains(predicted), counts.indices.contains(actual) else {
        let wrong = counts.indices.contains(actual) ? predicted : actual
        throw ShapeError(
          "confusion-matrix", [], "class \(wrong); expected classes from 0 to \(classes - 1)")
      }
      counts[actual][predicted] += 1
    }
    (self.classes, self.counts) = (classes, counts)
  }

  /// The part of all samples that lies on the diagonal, 0…1.
  public var accuracy: Double {
    let all = counts.joined().reduce(0, +)
    return Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(all)
  }

  /// Of the samples predicted as a class, the part that is of it, 0…1; nil if none was.
  public func precision(of index: Int) -> Double? {
    ratio(counts[index][index], counts.reduce(0) { $0 + $1[index] })
  }

  /// Of the samples of a class, the part that was predicted as it, 0…1; nil if there is none.
  public func recall(of index: Int) -> Double? {
    ratio(counts[index][index], counts[index].reduce(0, +))
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
