public import BackpropCore
import CBackpropKernels

/// Samples with what is known about them: inputs and targets, row by row.
///
/// ```swift
/// let digits = try Dataset.digits()
/// digits.featureShape       // [64]
/// let few = digits[0..<10]  // shares memory
/// ```
///
/// Inputs are float32, or uint8 where they are images; targets are class indices (classification)
/// or float32 values (regression). A data set is never empty, all its real numbers are finite, and
/// it cannot be changed.
public struct Dataset: Sendable {
  /// What the data is called in errors and reports.
  public let name: String
  /// The inputs as they came, not scaled: [n, features…], float32 or uint8.
  public let inputs: Tensor
  /// Class indices, int32 [n] or with positions [n, positions…]; or values, float32 [n, k].
  public let targets: Tensor
  /// The number of classes; nil if targets are values.
  public let classCount: Int?
  /// The names of the classes, where they have some.
  public let classNames: [String]?
  /// What is applied to inputs before a network sees them; nil for nothing.
  public private(set) var scaling: Scaling?
  /// What is applied to values before a network learns them, one factor for all or one for each output; nil for nothing.
  /// Predictions and metrics are given in the unit of ``targets``, whatever stands here.
  public private(set) var targetScaling: Scaling?
  /// How much each sample counts in the cost, [n]; nil if all count 1.
  public private(set) var weights: Tensor?
  /// The least and the greatest input, or a wider range, where inputs are int32.
  let indexBounds: ClosedRange<Int32>?

  /// Makes a data set and checks it.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - inputs: [n, features…], float32 or uint8; int32 where they are indices.
  ///   - targets: int32 [n], classes from 0, or [n, positions…] for one at each position; or float32
  ///     [n, k], values.
  ///   - classNames: the name of each class; only with classes.
  ///   - classCount: the number of classes; without it, that of the names, or the largest class +
  ///     1.
  ///   - scaling: what is to be applied to inputs.
  /// - Throws: ``DataError`` if types, shapes or counts do not fit each other, there is no sample,
  ///   a class is out of range, or a number is not finite.
  public init(
    name: String, inputs: Tensor, targets: Tensor, classNames: [String]? = nil,
    classCount: Int? = nil, scaling: Scaling? = nil
  ) throws(DataError) {
    self.name = name
    self.inputs = inputs
    self.targets = targets
    self.classNames = classNames
    self.scaling = scaling
    indexBounds = inputs.scalarType == .int32 ? inputs.int32Bounds : nil
    try Self.check(name, inputs, targets)
    self.classCount = try Self.checkedClassCount(name, targets, classNames, classCount)
    if let scaling { try Self.check(name, scaling, inputs) }
  }

  /// Rows of a checked data set.
  private init(rowsOf other: Dataset, _ rows: (Tensor) -> Tensor) {
    name = other.name
    (inputs, targets) = (rows(other.inputs), rows(other.targets))
    (classCount, classNames) = (other.classCount, other.classNames)
    (scaling, targetScaling) = (other.scaling, other.targetScaling)
    weights = other.weights.map(rows)
    indexBounds = inputs.scalarType == .int32 ? inputs.int32Bounds : nil
  }

  /// The most classes: an index from a file must not make arrays of any size.
  public static let classLimit = 1 << 20

  /// The number of samples.
  public var count: Int { inputs.shape[0] }

  /// Whether targets are classes, not values.
  public var isClassification: Bool { classCount != nil }

  /// The positions of one sample that each have a class; [] for one class a sample, or values.
  public var targetPositions: Shape {
    isClassification ? Shape(Array(targets.shape.sizes.dropFirst())) : []
  }

  /// What targets are, in the words of errors.
  var targetDescription: String {
    classCount.map { Self.describe(classes: $0, positions: targetPositions) }
      ?? "\(targets.shape.last) values"
  }

  static func describe(classes: Int, positions: Shape) -> String {
    "\(classes) classes" + (positions.rank == 0 ? "" : " at positions \(positions)")
  }

  /// The shape of one sample's inputs.
  public var featureShape: Shape { Shape(Array(inputs.shape.sizes.dropFirst())) }

  /// The number of one sample's inputs.
  public var featureCount: Int { inputs.shape.sizes.dropFirst().reduce(1, *) }

  /// Neighbouring samples, which share this data set's memory.
  ///
  /// A range that is empty or not within 0 ..< ``count`` is a programmer's mistake.
  public subscript(range: Range<Int>) -> Dataset {
    precondition(!range.isEmpty, "a data set cannot be empty")
    return Dataset(rowsOf: self) { $0.rows(range) }
  }

  /// Copies of samples, in the order of the indices, of which one may come twice.
  ///
  /// No index, or one not within 0 ..< ``count``, is a programmer's mistake.
  public func selecting(_ indices: some Collection<Int>) -> Dataset {
    precondition(!indices.isEmpty, "a data set cannot be empty")
    return Dataset(rowsOf: self) { $0.rows(indices) }
  }

  /// The same samples with a scaling recorded, in place of one that was: nothing is computed yet.
  ///
  /// - Throws: ``DataError`` if the scaling is for another number of features.
  public func scaled(by scaling: Scaling) throws(DataError) -> Dataset {
    try Self.check(name, scaling, inputs)
    var copy = self
    copy.scaling = scaling
    return copy
  }

  /// The same samples with a scaling of their values recorded: nothing is computed yet.
  ///
  /// - Throws: ``DataError`` if targets are classes, or the scaling is for another number of outputs.
  public func targetsScaled(by scaling: Scaling) throws(DataError) -> Dataset {
    let outputs = targets.shape.last
    guard !isClassification, scaling.offset.count == 1 || scaling.offset.count == outputs else {
      let has = isClassification ? "classes" : "\(outputs) values"
      throw DataError(name, "a scaling of \(scaling.offset.count) outputs cannot scale \(has)")
    }
    var copy = self
    copy.targetScaling = scaling
    return copy
  }

  /// The same samples, each counting in the cost as its weight says, relative to the mean of all weights.
  ///
  /// - Parameter weights: one for each sample, not negative, not all 0.
  /// - Throws: ``DataError`` if there is another number of weights, or one is negative or not finite.
  public func weighted(by weights: [Double]) throws(DataError) -> Dataset {
    guard weights.count == count else {
      throw DataError(name, "\(weights.count) weights for \(count) samples")
    }
    if let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw DataError(name, row: row, "weight \(weights[row]) is not a number of at least 0")
    }
    let mean = weights.reduce(0, +) / Double(count)
    guard mean > 0 else { throw DataError(name, "all weights are 0") }
    guard mean.isFinite else { throw DataError(name, "the sum of the weights is not finite") }
    var copy = self
    copy.weights = Tensor(weights.map { $0 / mean }, shape: [count])
    return copy
  }

  /// The same samples, weighted so that every class counts alike: n / (classes · samples of the class).
  ///
  /// - Throws: ``DataError`` if targets are values.
  public func balanced() throws(DataError) -> Dataset {
    guard let classCount else {
      throw DataError(name, "targets are values, so there are no classes to balance")
    }
    guard targetPositions.rank == 0 else {
      throw DataError(
        name, "samples have classes at positions \(targetPositions), so weights cannot balance them"
      )
    }
    let classes = targets.array(of: Int32.self).map { Int($0) }
    var sizes = [Int](repeating: 0, count: classCount)
    for index in classes { sizes[index] += 1 }
    return try weighted(by: classes.map { Double(count) / Double(classCount * sizes[$0]) })
  }

  /// The inputs as a network sees them: float32, scaled.
  public func scaledInputs() -> Tensor {
    let values = inputFloats()
    return Tensor(scaling?.applied(to: values) ?? values, shape: inputs.shape)
  }

  /// The inputs as they came, as float32.
  ///
  /// Elements are read as the type they have, and converted here: across modules, generic
  /// conversion is thirty times slower.
  func inputFloats() -> [Float] {
    guard inputs.scalarType == .uint8 else { return inputs.array(of: Float.self) }
    return inputs.array(of: UInt8.self).map { Float($0) }
  }
}

extension Dataset {
  private static func check(
    _ name: String, _ inputs: Tensor, _ targets: Tensor
  ) throws(DataError) {
    guard [.float32, .float64, .uint8, .int32].contains(inputs.scalarType) else {
      throw DataError(name, "inputs are \(inputs.scalarType), not float32, float64, uint8 or int32")
    }
    guard inputs.shape.rank >= 1, targets.shape.rank >= 1 else {
      throw DataError(
        name, "inputs \(inputs.shape) and targets \(targets.shape) have no axis of samples")
    }
    let isClasses = targets.scalarType == .int32
    let isValues = targets.scalarType == .float32 || targets.scalarType == .float64
    guard isClasses || (isValues && targets.shape.rank == 2) else {
      throw DataError(
        name,
        "targets are \(targets.scalarType) \(targets.shape), "
          + "not classes (int32 [n] or [n, positions…]) or values (float32 or float64 [n, k])"
      )
    }
    guard inputs.shape[0] == targets.shape[0] else {
      throw DataError(
        name, "\(inputs.shape[0]) inputs and \(targets.shape[0]) targets: the counts must be equal")
    }
    guard inputs.shape.count > 0, targets.shape.count > 0 else {
      throw DataError(name, "empty: inputs \(inputs.shape), targets \(targets.shape)")
    }
    guard inputs.shape[0] <= Int(Int32.max) else {
      throw DataError(name, "\(inputs.shape[0]) samples are more than \(Int32.max)")
    }
    try checkFinite(name, inputs, "input")
    try checkFinite(name, targets, "target")
  }

  /// Checks that real numbers are finite.
  static func checkFinite(
    _ name: String, _ tensor: Tensor, _ role: String
  ) throws(DataError) {
    guard tensor.scalarType.isReal else { return }
    let type = tensor.scalarType == .float64 ? BP_SOURCE_FLOAT64 : BP_SOURCE_FLOAT32
    let index = tensor.withBytes {
      Int(bp_first_not_finite(type, $0.baseAddress, Int64(tensor.shape.count)))
    }
    guard index >= 0 else { return }
    let columns = tensor.shape.count / tensor.shape[0]
    let (row, column) = (index / columns, index % columns)
    let value = tensor.rows(row..<row + 1).array(of: Double.self)[column]
    throw DataError(
      name, row: row, column: column, "\(role) \(value) is not a finite number")
  }

  private static func checkedClassCount(
    _ name: String, _ targets: Tensor, _ classNames: [String]?, _ classCount: Int?
  ) throws(DataError) -> Int? {
    guard targets.scalarType == .int32 else {
      guard classNames == nil, classCount == nil else {
        throw DataError(name, "targets are values, so they have no classes or names of classes")
      }
      return nil
    }
    let classes = targets.array(of: Int32.self)
    let count = classCount ?? classNames?.count ?? Int(classes.max() ?? 0) + 1
    guard count <= classLimit else {
      throw DataError(name, "\(count) classes are more than \(classLimit)")
    }
    if let classNames, classNames.count != count {
      throw DataError(name, "\(classNames.count) names for \(count) classes")
    }
    let places = classes.count / targets.shape[0]
    for (place, index) in classes.enumerated() where index < 0 || index >= count {
      throw DataError(
        name, row: place / places, column: targets.shape.rank > 1 ? place % places : nil,
        "class \(index) is not one of 0 ..< \(count)")
    }
    return count
  }

  private static func check(
    _ name: String, _ scaling: Scaling, _ inputs: Tensor
  ) throws(DataError) {
    let features = inputs.shape.sizes.dropFirst().reduce(1, *)
    guard scaling.offset.count == 1 || scaling.offset.count == features else {
      throw DataError(
        name, "a scaling of \(scaling.offset.count) features cannot scale inputs of \(features)")
    }
  }
}

extension Tensor {
  /// The least and the greatest element of int32; 0 ... 0 if there is none.
  var int32Bounds: ClosedRange<Int32> {
    withBytes { bytes in
      let numbers = bytes.bindMemory(to: Int32.self)
      var (least, greatest) = (numbers.first ?? 0, numbers.first ?? 0)
      for number in numbers { (least, greatest) = (min(least, number), max(greatest, number)) }
      return least...greatest
    }
  }
}
