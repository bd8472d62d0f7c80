public import BackpropCore

/// What one sample's input is, without the batch.
public enum InputSpecification: Hashable, Sendable {
  /// Real numbers of the given shape, as in `.float([784])`.
  case float(Shape)
  /// Whole numbers from 0 to below a bound, as in `.index([128], below: 65)`.
  case index(Shape, below: Int)

  /// The shape of one sample.
  public var shape: Shape {
    switch self {
    case .float(let shape), .index(let shape, _): shape
    }
  }
}

/// What one sample's target is, without the batch.
public enum TargetSpecification: Hashable, Sendable {
  /// One of a number of classes; with positions, one for each place of an array of that shape, as in
  /// `.classes(65, positions: [128])` for a sequence. The network then gives [batch, positions…,
  /// classes].
  case classes(Int, positions: Shape = [])
  /// Real numbers of the given shape, as in `.values([3])`.
  case values(Shape)

  /// The outputs that a network needs: classes, at each position, or numbers.
  public var outputs: Int {
    switch self {
    case .classes(let count, _): count
    case .values(let shape): shape.count
    }
  }

  /// The shape of one sample's predictions: positions and classes, or all numbers in a row.
  public var predictionShape: Shape {
    switch self {
    case .classes(let count, let positions): Shape(positions.sizes + [count])
    case .values(let shape): [shape.count]
    }
  }
}

/// From which weights a step computes its gradients.
public enum UpdateOrder: String, Hashable, Sendable, CaseIterable {
  /// All gradients from the weights as they stood before the step: the rule.
  case simultaneous
  /// The error goes back through the weights of a layer that are already updated. A published worked example was made
  /// that way, against its own text; here to reproduce it, for plain SGD on chains of dense layers.
  case sequential
}
