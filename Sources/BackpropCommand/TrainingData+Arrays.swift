import Backprop

/// Data in files of arrays: NPZ, and pairs of NPY.
extension TrainingData {
  /// Loads arrays and cuts them into parts.
  static func arrays(_ files: DataFiles, _ source: RunRecord.Source) throws -> TrainingData {
    let data = try weighted(files)
    let cut = try data.cut(
      test: files.testFile == nil ? source.test : nil, validation: source.validation,
      isShuffled: files.isShuffled, key: RandomKey(source.splitSeed))
    let test = try files.testFile.map { path in
      guard DataFiles.kind(of: path) == .npz else {
        throw ConfigurationError("test", "\(path): a test part of arrays is a .npz file")
      }
      let test = try dataset(path, targets: nil, files.options.task)
      return try Dataset(
        name: test.name, inputs: test.inputs, targets: test.targets, classCount: data.classCount)
    }
    return try TrainingData(
      DataSplit(training: cut.training, validation: cut.validation, test: test ?? cut.test), files,
      source)
  }

  /// The data of each fold of a cross-validation of arrays: samples are dealt in the order of a
  /// shuffle, one class after the other.
  static func arrayFolds(
    _ count: Int, _ files: DataFiles, _ source: RunRecord.Source
  ) throws -> [TrainingData] {
    guard files.isShuffled else {
      throw ConfigurationError(
        "folds", "\(files.file): folds are of shuffled rows; leave --no-shuffle or --folds out")
    }
    let data = try weighted(files)
    guard count >= 2, count <= data.count else {
      throw ConfigurationError(
        "folds",
        "\(data.name): \(count) folds of \(data.count) samples: there must be at least 2 folds, and "
          + "no more than samples")
    }
    let key = RandomKey(source.splitSeed)
    var order = key.folded("folds").permutation(data.count)
    if let classes = data.classCount {
      var byClass = [[Int]](repeating: [], count: classes)
      let members = data.targets.array(of: Int32.self)
      for sample in order { byClass[Int(members[sample])].append(sample) }
      order = byClass.flatMap { $0 }
    }
    return try (0..<count).map { fold in
      let test = order.indices.filter { $0 % count == fold }.map { order[$0] }
      let rest = order.indices.filter { $0 % count != fold }.map { order[$0] }.sorted()
      let cut = try data.selecting(rest).cut(
        test: nil, validation: source.validation, isShuffled: true,
        key: key.folded(UInt64(fold)))
      return try TrainingData(
        DataSplit(
          training: cut.training, validation: cut.validation, test: data.selecting(test)),
        files, source)
    }
  }

  /// Parts of arrays: numbers are standardised by the training part, and weights count there and in
  /// the validation part.
  private init(_ parts: DataSplit, _ files: DataFiles, _ source: RunRecord.Source) throws {
    (name, self.source) = (source.name, source)
    defaults = TableDefaults.defaults(samples: parts.training.count)
    var split = try parts.ownWeights()
    split = try split.scaled(by: Self.standard(split.training, "inputs"))
    if !split.training.isClassification {
      let values = split.training.targets
      let targets = try Dataset(name: split.training.name, inputs: values, targets: values)
      split = try split.targetsScaled(by: Self.standard(targets, "targets"))
    }
    self.split = files.balancesClasses ? try split.balanced() : split
  }

  /// Brings numbers to mean 0 and deviation 1. Those of a file in float64 may be too large for that.
  private static func standard(_ data: Dataset, _ what: String) throws -> Scaling {
    let scaling = Scaling.standard(fittedTo: data)
    let columns = scaling.offset.indices
    if let column = columns.first(where: {
      !scaling.offset[$0].isFinite || !scaling.scale[$0].isFinite
    }) {
      throw DataError(
        data.name, column: column, "\(what) are too large: their mean is beyond float32")
    }
    return scaling
  }

  /// All samples, weighted where a flag names weights: an array of the .npz file, or a .npy file
  /// beside others.
  private static func weighted(_ files: DataFiles) throws -> Dataset {
    let data = try dataset(files.file, targets: files.targetFile, files.options.task)
    guard let name = files.options.sampleWeights else { return data }
    guard files.kind == .npz else {
      guard DataFiles.kind(of: name) == .npy else {
        throw ConfigurationError(
          "sample-weights", "--sample-weights of a .npy file is another .npy file, not '\(name)'")
      }
      return try data.weighted(by: NPY.read(name).array(of: Double.self))
    }
    let arrays = try NPZ.read(files.file)
    guard let weights = arrays[name] else {
      throw ConfigurationError.unknown(
        "array of \(files.file)", name, known: arrays.keys.sorted())
    }
    return try data.weighted(by: weights.array(of: Double.self))
  }

  /// Inputs and targets of arrays.
  static func dataset(_ path: String, targets: String?, _ task: TableTask) throws -> Dataset {
    let kind: ArrayTargets? =
      switch task {
      case .automatic: nil
      case .classification: .classes
      case .regression: .values
      }
    if DataFiles.kind(of: path) == .npz {
      guard targets == nil else {
        throw ConfigurationError(
          "target-file", "\(path) has its targets in it; leave --target-file out")
      }
      return try Dataset(npz: path, targetKind: kind)
    }
    guard let targets else {
      throw ConfigurationError("target-file", "\(path) has inputs alone; name --target-file")
    }
    return try Dataset(inputs: path, targets: targets, targetKind: kind)
  }
}

extension DataSplit {
  /// The same parts, the weights of the first two relative to their own mean, the test part without.
  fileprivate func ownWeights() throws -> DataSplit {
    func own(_ data: Dataset) throws -> Dataset {
      let weights = data.weights?.array(of: Double.self) ?? []
      guard weights.contains(where: { $0 > 0 }) else { return try bare(data) }
      return try data.weighted(by: weights)
    }
    func bare(_ data: Dataset) throws -> Dataset {
      guard data.weights != nil else { return data }
      return try Dataset(
        name: data.name, inputs: data.inputs, targets: data.targets, classCount: data.classCount)
    }
    if let weights = training.weights, !weights.array(of: Double.self).contains(where: { $0 > 0 }) {
      throw DataError(training.name, "all weights of the training part are 0")
    }
    return try DataSplit(training: own(training), validation: own(validation), test: bare(test))
  }
}

extension Dataset {
  /// Parts of the rows, shuffled or in their order; without a fraction for test, the validation
  /// part stands for it.
  fileprivate func cut(
    test: Double?, validation: Double, isShuffled: Bool, key: RandomKey
  ) throws -> DataSplit {
    let test = test ?? 0
    guard test >= 0, validation > 0, test + validation < 1 else {
      throw DataError(
        name,
        "fractions \(validation) for validation and \(test) for test: "
          + "both must be above 0 and leave something for training")
    }
    if isShuffled, test > 0 { return try split(validation: validation, test: test, key: key) }
    let tests = test > 0 ? max(1, Int((test * Double(count)).rounded())) : 0
    let validations = max(1, Int((validation * Double(count)).rounded()))
    let trainings = count - tests - validations
    guard trainings > 0 else { throw DataError(name, "too few samples to cut into parts") }
    let order = isShuffled ? key.folded("split").permutation(count) : Array(0..<count)
    let chosen = selecting(order[trainings..<trainings + validations])
    return try DataSplit(
      training: selecting(order[..<trainings]), validation: chosen,
      test: tests > 0 ? selecting(order[(trainings + validations)...]) : chosen)
  }
}
