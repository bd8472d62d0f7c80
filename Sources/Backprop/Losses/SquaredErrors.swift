public import BackpropCore

/// Half the squared error, `C = 1/(2m) Σ_x Σ_j (a_j − y_j)²`: **half** the **sum** over outputs,
/// the **mean** over samples.
///
/// The quadratic cost of Nielsen's book and the error of Mazur's worked example. The gradient of
/// one sample is `∂C_x/∂a = a − y`. The last axis holds the outputs; every axis before it counts
/// samples.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct HalfSquaredError: SampleLoss {
  public let name = "half-squared-error"
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let error = try prediction - target
    return try 0.5 * (error * error).sum(axes: [-1])
  }
}

/// Squared error without the half, `C = 1/m Σ_x Σ_j (a_j − y_j)²`: the **sum** over outputs, the
/// **mean** over samples.
///
/// Twice ``HalfSquaredError``, and so twice its gradient: `∂C_x/∂a = 2(a − y)`. The last axis holds
/// the outputs; every axis before it counts samples.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct SquaredError: SampleLoss {
  public let name = "squared-error"
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let error = try prediction - target
    return try (error * error).sum(axes: [-1])
  }
}

/// Mean squared error, `C = 1/(mk) Σ_x Σ_j (a_j − y_j)²`: the **mean** over samples **and** the k
/// outputs.
///
/// What PyTorch calls `MSELoss`. With two outputs it equals ``HalfSquaredError``, with one
/// ``SquaredError``. The gradient of one sample is `∂C_x/∂a = (2/k)(a − y)`.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct MeanSquaredError: SampleLoss {
  public let name = "mean-squared-error"
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let error = try prediction - target
    return try (error * error).mean(axes: [-1])
  }
}

/// Root mean squared error, `C = √(1/(mk) Σ_x Σ_j (a_j − y_j)²)`: the **root of the mean** over
/// samples **and** outputs of the batch.
///
/// Its gradient is `∇MSE / (2·RMSE)`, and 0 where the error is 0. The root couples the samples of a
/// batch: the cost is not a mean of per-sample costs, so no error δ of a single sample exists. Over
/// an epoch it is the root of the pooled squares (``LossPooling/rootMeanSquare``), not the mean of
/// the batches' roots.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct RootMeanSquaredError: Loss {
  public let name = "root-mean-squared-error"
  public var pooling: LossPooling { .rootMeanSquare }
  /// Makes the cost.
  public init() {}
  public func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let error = try prediction - target
    let square = try (error * error).mean()
    // √ has no derivative at 0. There the mean square itself stands in: it is 0, and its gradient
    // is 0.
    let isZero = try square.equal(to: 0)
    return try isZero.select(square, isZero.select(1, square).sqrt())
  }
}

extension Loss where Self == HalfSquaredError {
  /// Half the squared error: ½ Σ over outputs, mean over samples. See ``HalfSquaredError``.
  public static var halfSquaredError: HalfSquaredError { HalfSquaredError() }
}
extension Loss where Self == SquaredError {
  /// The squared error: Σ over outputs, mean over samples. See ``SquaredError``.
  public static var squaredError: SquaredError { SquaredError() }
}
extension Loss where Self == MeanSquaredError {
  /// The mean squared error over samples and outputs. See ``MeanSquaredError``.
  public static var meanSquaredError: MeanSquaredError { MeanSquaredError() }
}
extension Loss where Self == RootMeanSquaredError {
  /// The root of the mean squared error over samples and outputs. See ``RootMeanSquaredError``.
  public static var rootMeanSquaredError: RootMeanSquaredError { RootMeanSquaredError() }
}
