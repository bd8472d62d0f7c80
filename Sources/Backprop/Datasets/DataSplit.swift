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
    "features \(data.featureShape) and \(data.targetDescription)"
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
  ///   - stratified: whether to cut class by class; without it, where each sample has one class.
  /// - Throws: ``DataError`` if a fraction is not between 0 and 1, nothing is left for training, or
  ///   the data (or a class) has fewer than three samples, or values or classes at positions are to
  ///   be stratified.
  public func split(
    validation: Double = 0.1, test: Double = 0.2, key: RandomKey, stratified: Bool? = nil
  ) throws(DataError) -> DataSplit {
    guard validation > 0, test > 0, validation + test < 1 else {
      throw DataError(
        name,
        "fractions \(validation) for validation and \(test) for test: "
          + "both must be above 0 and leave something for training")
    }
    let cut = RowCut(name: name, fractions: [1 - validation - test, validation, test])
    let hasOneClass = isClassification && targetPositions.rank == 0
    let groups = try self.groups(stratified: stratified ?? hasOneClass)
    let parts = try cut.shuffled(count, strata: groups.members, names: groups.names, key: key)
    return try DataSplit(
      training: selecting(parts[0]), validation: selecting(parts[1]), test: selecting(parts[2]))
  }

  /// What is cut by itself: all data (then without members), or each class. `members` has each
  /// sample's class.
  private func groups(
    stratified: Bool
  ) throws(DataError) -> (names: [String], members: [Int32]) {
    guard stratified else { return ([], []) }
    guard let classCount else {
      throw DataError(name, "targets are values, so there are no classes to stratify by")
    }
    guard targetPositions.rank == 0 else {
      throw DataError(
        name, "samples have classes at positions \(targetPositions), so none to stratify by")
    }
    let names = (0..<classCount).map { index in
      "class \(index)\(classNames.map { " '\($0[index])'" } ?? "")"
    }
    return (names, targets.array(of: Int32.self))
  }
}
