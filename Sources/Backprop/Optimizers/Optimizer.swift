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
public protocol Optimizer: Sendable {
  /// The name, in kebab case, as on the command line.
  var name: String { get }
  /// The base learning rate: the step per unit of gradient, before any schedule.
  var learningRate: Double { get set }
  /// Every hyperparameter by its kebab-case name, with the value in use, for run files and
  /// `--optimizer name:key=value`.
  var options: [(name: String, value: Double)] { get }
  /// The run-time scalars of one step.
  ///
  /// - Parameters:
  ///   - step: the number of the step, from 0.
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
  /// Builds the parameter's next value.
  func update(_ parameter: Value, gradient: Value, _ context: UpdateContext) throws -> Value
}

extension Optimizer {
  public var decoupledWeightDecay: Double? { nil }

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
  let parameter: Value
  let tracer: SlotTracer

  /// A run-time scalar, by the name that ``Optimizer/scalars(step:learningRate:_:)`` gives it.
  public func scalar(_ name: String) -> Value { tracer.scalar(name) }

  /// An array kept from step to step beside the parameter: its value before this step, of the
  /// parameter's shape.
  public func slot(_ name: String, initial: Initializer = .zeros) throws -> Value {
    try tracer.slot("\(path)#\(name)", parameter.shape, initial)
  }

  /// Gives a slot its value for the next step.
  public func setSlot(_ name: String, to value: Value) throws {
    try tracer.set("\(path)#\(name)", value)
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

  func scalar(_ name: String) -> Value {
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
}
