public import BackpropCore

/// What a network must put out for a cost to make sense.
public enum LossInput: String, Hashable, Sendable {
  /// Any real numbers.
  case values
  /// Weighted inputs of the last layer: the cost applies softmax or sigmoid itself, or compares
  /// scores.
  case logits
  /// Activations in (0, 1), as a sigmoid or softmax gives them.
  case probabilities
  /// Logarithms of probabilities, as a log-softmax gives them.
  case logProbabilities = "log-probabilities"
}

/// How the outputs of a network become probabilities.
public enum OutputProbabilities: String, Hashable, Sendable {
  /// Softmax of logits: those of classes.
  case softmax
  /// Sigmoid of logits: each a yes or no of its own.
  case sigmoid
  /// They are probabilities.
  case outputs
  /// Exponentials of log-probabilities: those of classes.
  case exponentials
}

/// How the costs of batches become the cost of a whole data set.
public enum LossPooling: String, Hashable, Sendable {
  /// The mean of the batches' costs, weighted by their sizes.
  case mean
  /// The root of the weighted mean of the squared costs.
  case rootMeanSquare
  /// The sum of the batches' costs.
  case sum

  /// What a batch adds to the total.
  func share(_ cost: Double, samples: Int) -> Double {
    switch self {
    case .mean: cost * Double(samples)
    case .rootMeanSquare: cost * cost * Double(samples)
    case .sum: cost
    }
  }

  /// The cost that a total over so many samples stands for.
  func cost(total: Double, samples: Int) -> Double {
    switch self {
    case .mean: total / Double(samples)
    case .rootMeanSquare: (total / Double(samples)).squareRoot()
    case .sum: total
    }
  }
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
public protocol Loss: NamedInText {
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
  /// How outputs become probabilities; nil if they stand for none.
  var probabilities: OutputProbabilities? { get }
}

extension Loss {
  public var input: LossInput { .values }
  public var pooling: LossPooling { .mean }
  public var acceptsClassIndices: Bool { false }
  public var probabilities: OutputProbabilities? {
    switch input {
    case .values, .logits: nil
    case .probabilities: .outputs
    case .logProbabilities: .exponentials
    }
  }
}

/// A cost that is a mean of costs of single samples: the first of backpropagation's two assumptions. Only such a cost
/// can weigh its samples.
public protocol SampleLoss: Loss {
  /// Builds the cost of each sample.
  ///
  /// - Parameters: as for ``Loss/callAsFunction(_:_:)``.
  /// - Returns: the predictions' shape without the last axis, [batch] for [batch, outputs].
  func perSample(_ prediction: Value, _ target: Value) throws -> Value
  /// What each sample counts for its target, such as the weight of its class, or 0 for one that is
  /// ignored: ``perSample(_:_:)`` has it as a factor already. Nil if all count the same.
  func sampleWeights(_ prediction: Value, _ target: Value) throws -> Value?
}

extension SampleLoss {
  public func sampleWeights(_ prediction: Value, _ target: Value) throws -> Value? { nil }

  /// The mean of the samples' costs.
  public func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value {
    try perSample(prediction, target).mean()
  }
}
