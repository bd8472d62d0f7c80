public import BackpropCore

/// What a network must put out for a cost to make sense.
public enum LossInput: String, Hashable, Sendable {
  /// Any real numbers.
  case values
  /// Weighted inputs of the last layer: the cost applies softmax or sigmoid itself.
  case logits
  /// Activations in (0, 1), as a sigmoid or softmax gives them.
  case probabilities
}

/// How the costs of batches become the cost of a whole data set.
public enum LossPooling: String, Hashable, Sendable {
  /// The mean of the batches' costs, weighted by their sizes.
  case mean
  /// The root of the weighted mean of the squared costs.
  case rootMeanSquare
}

/// A cost: a function that builds graph from predictions and targets, and ends in one number.
///
/// The last axis of a prediction holds the outputs; the ready-made costs count every axis before it
/// as samples.
///
/// ```swift
/// struct FourthPower: Loss {                  // Σ over outputs, mean over samples
///   let name = "fourth-power"
///   func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value {
///     try (prediction - target).power(4).sum(axes: [1]).mean()
///   }
/// }
/// ```
public protocol Loss: Sendable {
  /// The name, in kebab case, as on the command line.
  var name: String { get }
  /// Every hyperparameter by its kebab-case name, with the value in use, as in `huber:delta=0.5`.
  var options: [(name: String, value: Double)] { get }
  /// What the network must put out.
  var input: LossInput { get }
  /// How batches are pooled.
  var pooling: LossPooling { get }
  /// Builds the cost of a batch.
  ///
  /// - Parameters:
  ///   - prediction: [batch, outputs].
  ///   - target: [batch, outputs], or int32 class indices [batch] for a cost that takes classes
  ///     (see ``acceptsClassIndices``).
  /// - Returns: a scalar.
  func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value
  /// Whether `target` may be int32 class indices; otherwise classes arrive one-hot, [batch,
  /// outputs].
  var acceptsClassIndices: Bool { get }
}

extension Loss {
  public var options: [(name: String, value: Double)] { [] }
  public var input: LossInput { .values }
  public var pooling: LossPooling { .mean }
  public var acceptsClassIndices: Bool { false }
}

/// A cost that is a mean of costs of single samples: the first of backpropagation's two assumptions. Only such a cost
/// can weigh its samples.
public protocol SampleLoss: Loss {
  /// Builds the cost of each sample.
  ///
  /// - Parameters: as for ``Loss/callAsFunction(_:_:)``.
  /// - Returns: the predictions' shape without the last axis, [batch] for [batch, outputs].
  func perSample(_ prediction: Value, _ target: Value) throws -> Value
}

extension SampleLoss {
  /// The mean of the samples' costs.
  public func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value {
    try perSample(prediction, target).mean()
  }
}
