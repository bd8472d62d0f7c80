public import BackpropCore

/// Data in three parts: to learn from, to choose by, and to judge by.
public struct DataSplit: Sendable {
  /// What a network learns from.
  public let training: Dataset
  /// What settings, and the moment to stop, are chosen by.
  public let validation: Dataset
  /// What the result is judged by, once.
  public let test: Dataset

  /// Puts three parts together.
  ///
  /// - Throws: ``DataError`` if their features, targets, classes or scalings differ.
  public init(training: Dataset, validation: Dataset, test: Dataset) throws(DataError) {
    for (part, name) in [(validation, "validation"), (test, "test")] {
      guard
        part.featureShape == training.featureShape, part.classCount == training.classCount,
        part.targets.shape.sizes.dropFirst() == training.targets.shape.sizes.dropFirst()
      else {
        throw DataError(
          part.name,
          "the \(name) part has \(Self.kind(part)), the training part \(Self.kind(training))")
      }
      guard part.classNames == training.classNames, part.scaling == training.scaling,
        part.targetScaling == training.targetScaling
      else {
        throw DataError(
          part.name,
          "the \(name) part has other names of classes or another scaling than the training part")
      }
    }
    self.training = training
    self.validation = validation
    self.test = test
  }

  /// The same parts with one scaling recorded for all, as in
  /// `split.scaled(by: .standard(fittedTo: split.training))`.
  ///
  /// - Throws: ``DataError`` if the scaling is for another number of features.
  public func scaled(by scaling: Scaling) throws(DataError) -> DataSplit {
    try DataSplit(
      training: training.scaled(by: scaling), validation: validation.scaled(by: scaling),
      test: test.scaled(by: scaling))
  }

  /// The same parts with a scaling of values recorded in each.
  ///
  /// - Throws: ``DataError`` if targets are classes, or the scaling is for another number of outputs.
  public func targetsScaled(by scaling: Scaling) throws(DataError) -> DataSplit {
    try DataSplit(
      training: training.targetsScaled(by: scaling),
      validation: validation.targetsScaled(by: scaling), test: test.targetsScaled(by: scaling))
  }

  private static func kind(_ data: Dataset) -> String {
    let targets = data.classCount.map { "\($0) classes" } ?? "\(data.targets.shape.last) values"
    return "features \(data.featureShape) and \(targets)"
  }
}

extension Dataset {
  /// Cuts the data, shuffled, into three parts.
  ///
  /// Sizes are rounded by the largest remainder; each part has at least one sample. Stratified,
  /// this holds for every class by itself, so that all parts have the classes in the same
  /// proportion. The order within the parts is that of `key.folded("split")`, so the same key gives
  /// the same parts.
  ///
  /// - Parameters:
  ///   - validation: the fraction of samples to choose by.
  ///   - test: the fraction of samples to judge by; the rest is for training.
  ///   - key: what to shuffle by.
  ///   - stratified: whether to cut class by class; without it, where targets are classes.
  /// - Throws: ``DataError`` if a fraction is not between 0 and 1, nothing is left for training, or
  ///   the data (or a class) has fewer than three samples, or values are to be stratified.
  public func split(
    validation: Double = 0.1, test: Double = 0.2, key: RandomKey, stratified: Bool? = nil
  ) throws(DataError) -> DataSplit {
    guard validation > 0, test > 0, validation + test < 1 else {
      throw DataError(
        name,
        "fractions \(validation) for validation and \(test) for test: "
          + "both must be above 0 and leave something for training")
    }
    let fractions = [1 - validation - test, validation, test]
    let groups = try self.groups(stratified: stratified ?? isClassification)
    var quotas: [[Int]] = []
    for (group, size) in zip(groups.names, groups.sizes) {
      guard size == 0 || size >= 3 else {
        throw DataError(
          name, "\(group) \(size == 1 ? "1 sample" : "2 samples"), too few for three parts")
      }
      quotas.append(Self.apportioned(size, fractions))
    }

    var parts: [[Int]] = [[], [], []]
    for index in key.folded("split").permutation(count) {
      let group = groups.members.isEmpty ? 0 : Int(groups.members[index])
      let part = quotas[group].firstIndex { $0 > 0 } ?? 0
      quotas[group][part] -= 1
      parts[part].append(index)
    }
    return try DataSplit(
      training: selecting(parts[0]), validation: selecting(parts[1]), test: selecting(parts[2]))
  }

  /// What is cut by itself: all data, or each class. `members` is empty, or has each sample's
  /// group.
  private func groups(
    stratified: Bool
  ) throws(DataError) -> (names: [String], sizes: [Int], members: [Int32]) {
    guard stratified else { return (["there are only"], [count], []) }
    guard let classCount else {
      throw DataError(name, "targets are values, so there are no classes to stratify by")
    }
    let members = targets.array(of: Int32.self)
    var sizes = [Int](repeating: 0, count: classCount)
    for index in members { sizes[Int(index)] += 1 }
    let names = (0..<classCount).map { index in
      "class \(index)\(classNames.map { " '\($0[index])'" } ?? "") has only"
    }
    return (names, sizes, members)
  }

  /// Whole numbers with a given sum, near to fractions of it, none 0 unless there are fewer samples
  /// than parts.
  ///
  /// Largest remainder: each gets the whole part of its share, and what is left goes to the largest
  /// remainders, the first of equals. Then a part with nothing takes one from the largest.
  private static func apportioned(_ count: Int, _ fractions: [Double]) -> [Int] {
    let shares = fractions.map { $0 * Double(count) }
    // A share such as 2.9999999996 is 3 but for rounding.
    var quotas = shares.map { Int(($0 + 1e-9).rounded(.down)) }
    let remainders = zip(shares, quotas).map { $0 - Double($1) }
    let order = fractions.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
    for part in order.prefix(max(0, count - quotas.reduce(0, +))) { quotas[part] += 1 }
    guard count >= fractions.count else { return quotas }
    for part in quotas.indices where quotas[part] == 0 {
      guard let largest = quotas.indices.max(by: { quotas[$0] < quotas[$1] }) else { break }
      quotas[largest] -= 1
      quotas[part] = 1
    }
    return quotas
  }
}
