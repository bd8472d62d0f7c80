public import BackpropCore

/// An update rule: a function that builds graph from a parameter and its gradient.
///
/// Hyperparameters are run-time scalars of the plan (``scalars(step:learningRate:_:)``), so that
/// changing one compiles nothing; what must survive a step is a *slot*.
///
/// ```swift
/// struct Momentum: Optimizer {
///   func update(_ parameter: Value, gradient: Value, _ context: UpdateContext) throws -> Value {
///     let velocity = try context.slot("velocity") * context.scalar("momentum") + gradient
///     try context.setSlot("velocity", to: velocity)
///     return try parameter - context.scalar("learning-rate") * velocity
///   }
/// }
/// ```
public protocol Optimizer: NamedInText {
  /// The base learning rate: the step per unit of gradient, before any schedule.
  var learningRate: Double { get set }
  /// The run-time scalars of one update.
  ///
  /// - Parameters:
  ///   - step: the number of the update, from 0: that of the step, unless gradients are accumulated.
  ///   - learningRate: the scheduled rate of this step.
  ///   - set: takes each number with its name, among them `learning-rate`; the same names at every
  ///     step. A step must not allocate, so there is no list.
  func scalars(step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void)
  /// The decoupled decay that belongs to the rule, as in AdamW: per step and unit of learning rate,
  /// on weights alone.
  ///
  /// The step applies it, not ``update(_:gradient:_:)``. ``Regularization/weightDecay`` takes its
  /// place if given.
  var decoupledWeightDecay: Double? { get }
  /// How many steps make one update, from the mean of their gradients; 1 unless
  /// ``accumulating(_:)`` says so. The step sees to it.
  var accumulation: Int { get }
  /// The mean of the weights that is kept beside them; nil unless ``averaging(_:)`` says so. The
  /// step sees to it.
  var averaging: WeightAveraging? { get }
  /// Builds the parameter's next value.
  func update(_ parameter: Value, gradient: Value, _ context: UpdateContext) throws -> Value
}

extension Optimizer {
  public var decoupledWeightDecay: Double? { nil }
  public var accumulation: Int { 1 }
  public var averaging: WeightAveraging? { nil }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
  }
}

/// What an optimiser may use while it builds the update of one parameter.
public struct UpdateContext {
  /// The path of the parameter.
  public let path: String
  /// Its part in the layer.
  public let role: ParameterRole
  let parameter: Value
  let tracer: SlotTracer
  /// The number of the settings that a ``ParameterRule`` gives the parameter; 0 for none.
  var group = 0

  /// A run-time scalar, by the name that ``Optimizer/scalars(step:learningRate:_:)`` gives it.
  public func scalar(_ name: String) -> Value { tracer.scalar(name, group: group) }

  /// An array kept from step to step beside the parameter: its value before this step, of the
  /// parameter's shape.
  public func slot(_ name: String, initial: Initializer = .zeros) throws -> Value {
    try tracer.slot("\(path)#\(name)", parameter.shape, initial)
  }

  /// Gives a slot its value for the next step.
  public func setSlot(_ name: String, to value: Value) throws {
    try tracer.set("\(path)#\(name)", value)
  }

  /// A running mean in a slot, from 0: `m ← β·m + (1 − β)·x`, with the scalars `β` and
  /// `one-minus-β`.
  ///
  /// 1 − β is a scalar of its own, since in float32 it would keep only four digits.
  func mean(_ name: String, of x: Value, by beta: String) throws -> Value {
    let mean = try slot(name) * scalar(beta) + scalar("one-minus-\(beta)") * x
    try setSlot(name, to: mean)
    return mean
  }
}

/// Collects the slots and scalars that optimisers ask for while a step is traced.
final class SlotTracer {
  let builder: GraphBuilder
  let scalarType: ScalarType
  private(set) var slots:
    [(path: String, shape: Shape, initial: Initializer, value: Value, next: Value?)] = []
  private(set) var scalars: [(name: String, value: Value)] = []

  init(builder: GraphBuilder, scalarType: ScalarType) {
    (self.builder, self.scalarType) = (builder, scalarType)
  }

  /// A scalar of a group of parameters.
  func scalar(_ name: String, group: Int = 0) -> Value {
    let name = ScalarPlace(group: group, name: name).leaf
    if let known = scalars.first(where: { $0.name == name }) { return known.value }
    let value = builder.leaf(.scalar(name), [], scalarType)
    scalars.append((name, value))
    return value
  }

  func slot(_ path: String, _ shape: Shape, _ initial: Initializer) throws -> Value {
    if let known = slots.first(where: { $0.path == path }) { return known.value }
    let value = builder.leaf(.variable(path), shape, scalarType)
    slots.append((path, shape, initial, value, nil))
    return value
  }

  func set(_ path: String, _ value: Value) throws {
    guard let index = slots.firstIndex(where: { $0.path == path }) else {
      throw ShapeError("optimizer", path: path, "the slot is set before it was read")
    }
    guard slots[index].shape == value.shape else {
      throw ShapeError(
        "optimizer", [slots[index].shape, value.shape], path: path, "the slot changes its shape")
    }
    slots[index].next = value
  }

  /// Lets all slots keep what they have where a condition does not hold.
  func hold(unless condition: Value) throws {
    for index in slots.indices {
      if let next = slots[index].next {
        slots[index].next = try condition.select(next, slots[index].value)
      }
    }
  }
}

/// Which run-time scalar a leaf of a step's graph is.
struct ScalarPlace: Hashable {
  /// The settings that it belongs to: see ``Regularization/groups``.
  let group: Int
  let name: String

  init(group: Int, name: String) { (self.group, self.name) = (group, name) }

  /// Reads the name of a leaf.
  init(leaf: String) {
    let parts = leaf.split(separator: "@", maxSplits: 1)
    (name, group) = (String(parts[0]), parts.count == 2 ? Int(parts[1]) ?? 0 : 0)
  }

  /// The name of the leaf.
  var leaf: String { group == 0 ? name : "\(name)@\(group)" }
}
