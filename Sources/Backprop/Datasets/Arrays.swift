import BackpropCore

/// What targets in a file of arrays are.
public enum ArrayTargets: String, Hashable, Sendable {
  /// A class for each sample: whole numbers from 0, of any type.
  case classes
  /// One or several numbers for each sample.
  case values
}

extension Dataset {
  /// Reads inputs and targets from two NPY files.
  ///
  /// Inputs are [n, features…]; of one axis, they are one feature. Whole numbers other than uint8
  /// become int32, booleans 0 and 1. Targets are [n] or [n, k]; whole numbers or booleans, one a
  /// sample, are classes, all others are values, unless `targetKind` says what they are.
  ///
  /// - Parameters:
  ///   - inputsPath: the NPY file of the inputs.
  ///   - targetsPath: the NPY file of the targets.
  ///   - name: what the data is called in errors; without it, the path of the inputs.
  ///   - targetKind: what the targets are; nil decides by their type.
  ///   - classNames: the name of each class; only with classes.
  /// - Throws: ``FileError`` or ``FormatError`` if a file cannot be read, ``DataError`` if the
  ///   arrays do not fit each other or cannot be what they are to be.
  public init(
    inputs inputsPath: String, targets targetsPath: String, name: String? = nil,
    targetKind: ArrayTargets? = nil, classNames: [String]? = nil
  ) throws {
    let inputs = try NPY.read(inputsPath)
    try self.init(
      arrays: inputs, NPY.read(targetsPath), name: name ?? inputsPath, targetKind, classNames)
  }

  /// Reads inputs and targets from one NPZ file.
  ///
  /// Inputs and targets are the first of these pairs that is there: `x` and `y`, `X` and `y`,
  /// `inputs` and `targets`, `data` and `target`; other arrays are left alone. The rest is as with
  /// two NPY files.
  ///
  /// - Parameters:
  ///   - path: the NPZ file.
  ///   - name: what the data is called in errors; without it, the path.
  ///   - targetKind: what the targets are; nil decides by their type.
  ///   - classNames: the name of each class; only with classes.
  /// - Throws: ``FileError`` or ``FormatError`` if the file cannot be read or has no such pair,
  ///   ``DataError`` if the arrays do not fit each other or cannot be what they are to be.
  public init(
    npz path: String, name: String? = nil, targetKind: ArrayTargets? = nil,
    classNames: [String]? = nil
  ) throws {
    try self.init(
      arrays: NPZ.read(path), file: path, name: name, targetKind: targetKind,
      classNames: classNames)
  }

  /// Takes inputs and targets from the arrays of an NPZ file, as ``init(npz:name:targetKind:classNames:)``
  /// does; `file` stands for it in errors.
  package init(
    arrays: [String: Tensor], file path: String, name: String? = nil,
    targetKind: ArrayTargets? = nil, classNames: [String]? = nil
  ) throws {
    for (inputsName, targetsName) in Self.arrayNames {
      if let inputs = arrays[inputsName], let targets = arrays[targetsName] {
        try self.init(arrays: inputs, targets, name: name ?? path, targetKind, classNames)
        return
      }
    }
    let pairs = Self.arrayNames.map { "\($0) and \($1)" }.joined(separator: ", ")
    let names = arrays.keys.sorted().prefix(12).map(FormatError.quoted).joined(separator: ", ")
    throw FormatError(
      path, expected: "arrays named \(pairs)",
      found: arrays.isEmpty ? "no array" : names + (arrays.count > 12 ? ", …" : ""))
  }

  private static let arrayNames = [
    ("x", "y"), ("X", "y"), ("inputs", "targets"), ("data", "target"),
  ]

  /// Takes inputs and targets as ``init(inputs:targets:name:targetKind:classNames:)`` reads them.
  package init(
    arrays inputs: Tensor, _ targets: Tensor, name: String, _ kind: ArrayTargets?,
    _ classNames: [String]?
  ) throws(DataError) {
    var inputs = inputs.scalarType == .bool ? inputs.converted(to: .uint8) : inputs
    if inputs.shape.rank == 1 { inputs = inputs.reshaped(to: [inputs.shape[0], 1]) }
    guard (1...2).contains(targets.shape.rank) else {
      throw DataError(name, "targets are \(targets.shape), not [n] or [n, k]")
    }
    let isOneEach = targets.shape.rank == 1 || targets.shape[1] == 1
    let usual: ArrayTargets = !targets.scalarType.isReal && isOneEach ? .classes : .values
    if kind ?? usual == .values {
      let type: ScalarType = targets.scalarType == .float64 ? .float64 : .float32
      let shape: Shape = targets.shape.rank == 1 ? [targets.shape[0], 1] : targets.shape
      try self.init(
        name: name, inputs: inputs, targets: targets.converted(to: type).reshaped(to: shape),
        classNames: classNames)
      return
    }
    guard isOneEach else {
      throw DataError(name, "targets are \(targets.shape); classes are one a sample: [n] or [n, 1]")
    }
    let classes = try Self.classes(targets, name, mayBeValues: kind == nil)
    try self.init(name: name, inputs: inputs, targets: Tensor(classes), classNames: classNames)
  }

  /// Targets as classes, each a whole number.
  private static func classes(
    _ targets: Tensor, _ name: String, mayBeValues: Bool
  ) throws(DataError) -> [Int32] {
    if targets.scalarType.isReal {
      let values = targets.array(of: Double.self)
      if let row = values.firstIndex(where: { Int32(exactly: $0) == nil }) {
        throw DataError(name, row: row, "target \(values[row]) is not a class: not a whole number")
      }
    }
    let classes = targets.array(of: Int32.self)
    // A class beyond the number of samples is a quantity, and would make a network of that size.
    if mayBeValues, let row = classes.firstIndex(where: { $0 >= max(100, classes.count) }) {
      throw DataError(
        name, row: row,
        "target \(classes[row]) in \(classes.count) samples: say whether targets are classes or values"
      )
    }
    return classes
  }
}
