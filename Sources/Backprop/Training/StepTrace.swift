import BackpropCore
import BackpropExecution

/// The traced graph of a step for one batch size.
struct StepTrace {
  let builder: GraphBuilder
  let declarations: [Declaration]
  let slots: [(path: String, shape: Shape, initial: Initializer, value: Value, next: Value?)]
  let prediction: Value
  let cost: Value
  /// One gradient for each trained parameter.
  let gradients: [(path: String, value: Value)]
  /// The adjoint of each node on the way to the cost, by the node's number: of those that a trained
  /// parameter reaches, or for an explanation of all that any parameter or the input reaches.
  let adjoints: [Int: Value]
  /// The leaf of the samples' inputs.
  let inputValue: Value
  /// The target as the cost sees it: classes one-hot if it takes no classes.
  let targetValue: Value
  /// The next value of parameters, variables and slots.
  let updates: [(path: String, value: Value)]

  static let inputName = "input"
  static let targetName = "target"
  static let weightName = "weight"

  init(
    network: any Layer, loss: any Loss, optimizer: any Optimizer, regularization: Regularization,
    order: UpdateOrder,
    input: InputSpecification, target: TargetSpecification, precision: ScalarType, batch: Int,
    mode: Mode,
    weighted: Bool = false, isExplained: Bool = false
  ) throws {
    let trace = Trace(mode: mode, scalarType: precision)
    builder = trace.builder
    let x: Value
    switch input {
    case .float(let shape):
      x = builder.leaf(.input(Self.inputName), Shape([batch] + shape.sizes), precision)
    case .index(let shape, _):
      x = builder.leaf(.input(Self.inputName), Shape([batch] + shape.sizes), .int32)
    }
    inputValue = x
    prediction = try network(x, trace.scope)
    let t: Value
    switch target {
    case .classes(let count, let positions):
      let classes = builder.leaf(
        .input(Self.targetName), Shape([batch] + positions.sizes), .int32)
      t = loss.acceptsClassIndices ? classes : try classes.oneHot(depth: count, as: precision)
    case .values(let shape):
      t = builder.leaf(.input(Self.targetName), Shape([batch] + shape.sizes), precision)
    }
    targetValue = t
    try Self.checkPrediction(prediction, target, batch: batch)
    if case .index(_, let below) = input { try Self.checkTables(of: x, below: below) }
    try loss.checkLastOp(prediction)
    if weighted {
      let weight = builder.leaf(.input(Self.weightName), [batch], precision)
      cost = try Self.weightedCost(loss, prediction, t, weight)
    } else {
      cost = try loss(prediction, t)
    }
    guard cost.shape.count == 1 else {
      throw ShapeError(loss.name, [cost.shape], "a cost must be one number; average over the batch")
    }
    declarations = try regularization.frozen(trace.declarations)
    guard mode == .training else {
      (slots, gradients, updates, adjoints) = ([], [], [], [:])
      return
    }

    let trained = declarations.filter { $0.trainedRole != nil }
    let tracer = SlotTracer(builder: builder, scalarType: precision)
    let sequential = order == .sequential
    if sequential {
      guard optimizer is SGD, regularization == Regularization() else {
        throw ConfigurationError(
          "order", "order sequential goes with plain sgd alone, without decay or clipping")
      }
    }
    var sources = trained.map(\.value)
    if isExplained {
      sources = declarations.map(\.value) + (x.scalarType.isReal ? [x] : [])
    }
    adjoints = try BackpropCore.adjoints(
      of: cost, withRespectTo: sources,
      updating: sequential
        ? { parameter, gradient in
          guard trained.contains(where: { $0.value.id == parameter.id }) else { return parameter }
          return try optimizer.update(
            parameter, gradient: gradient,
            UpdateContext(path: "", role: .weight, parameter: parameter, tracer: tracer))
        } : nil)
    let found = adjoints
    let own = try trained.map { declaration -> Value in
      let value = declaration.value
      return try found[value.id] ?? value.constant(0).broadcast(to: value.shape)
    }
    gradients = zip(trained, own).map { ($0.path, $1) }
    let built = try buildUpdates(
      parameters: declarations, gradients: own, optimizer: optimizer,
      regularization: regularization,
      tracer: tracer)
    slots = built.slots
    updates =
      built.parameters.map { ($0.path, $0.next) }
      + built.slots.compactMap { slot in slot.next.map { (slot.path, $0) } }
      + trace.updates
  }
}

extension StepTrace {
  /// The trained parameters, in the order of the gradients.
  var trained: [Value] { declarations.filter { $0.trainedRole != nil }.map(\.value) }

  /// Checks that the network gives what the target asks for; what it gives of another rank, the cost
  /// may know how to take.
  private static func checkPrediction(
    _ prediction: Value, _ target: TargetSpecification, batch: Int
  ) throws {
    if case .classes(_, let positions) = target, positions.rank > 0 {
      let expected = Shape([batch] + target.predictionShape.sizes)
      guard prediction.shape == expected else {
        throw ShapeError(
          "network", [prediction.shape, expected],
          "gives the first; the target with its positions asks for the second")
      }
    }
    guard prediction.shape == Shape([batch, target.outputs]) || prediction.shape.rank != 2 else {
      throw ShapeError(
        "network", [prediction.shape],
        "gives \(prediction.shape.last) outputs; the target has \(target.outputs)")
    }
  }

  /// Checks that tables whose rows are picked by the input itself have a row for each index that the
  /// data may have.
  private static func checkTables(of input: Value, below: Int) throws {
    let nodes = input.builder.graph.nodes
    for node in nodes where node.inputs.last == input.id {
      guard case .op(let op) = node.kind, op is Gather else { continue }
      let table = nodes[node.inputs[0]].type.shape
      guard table[0] >= below else {
        throw ShapeError(
          "gather", [table], path: node.path,
          "a table of \(table[0]) rows; the input has indices below \(below)")
      }
    }
  }

  /// The mean over samples of weight times cost, or what else the cost makes of these.
  private static func weightedCost(
    _ loss: any Loss, _ prediction: Value, _ target: Value, _ weight: Value
  ) throws -> Value {
    let reduced = loss as? ReducedLoss
    guard let base = reduced?.base ?? loss as? any SampleLoss else {
      throw ConfigurationError(
        "loss", "\(loss.name) is not a mean of costs of samples, so samples cannot have weights")
    }
    let costs = try base.perSample(prediction, target)
    let ones = [Int](repeating: 1, count: max(costs.shape.rank - 1, 0))
    let weighted = try costs * weight.reshaped(to: Shape([weight.shape.count] + ones))
    return try reduced?.reduced(weighted, prediction, target) ?? weighted.mean()
  }
}

/// A compiled plan of a step, with the places of what the step binds and reads.
final class StepPlan: Sendable {
  enum Kind: Hashable, Sendable {
    /// Cost, and the state's next value.
    case training
    /// The same, and statistics of the layers.
    case measured
    /// Prediction and cost.
    case evaluation
    /// Prediction alone.
    case prediction
    /// Cost and the gradient of every trained parameter, the state unchanged.
    case gradient
  }
  let kind: Kind
  let batch: Int
  let plan: Plan
  /// Whether samples have weights.
  let isWeighted: Bool
  /// The slots of input, target and weights; nil if the graph does not read them.
  let inputSlot, targetSlot, weightSlot: Int?
  /// What the plan's scalars are, in their order.
  let scalarPlaces: [ScalarPlace]
  /// The paths of the gradients, in the order of the outputs behind the first two.
  let gradientPaths: [String]

  init(
    _ kind: Kind, batch: Int, weighted: Bool, _ trace: StepTrace, layout: StateLayout,
    options: PlanOptions
  ) throws {
    (self.kind, self.batch, isWeighted) = (kind, batch, weighted)
    var outputs = kind == .prediction ? [trace.prediction] : [trace.cost]
    if kind == .evaluation { outputs.append(trace.prediction) }
    if kind == .gradient { outputs += trace.gradients.map(\.value) }
    if kind == .measured { outputs += try trace.layerStatistics().values }
    let updates = kind == .training || kind == .measured ? trace.updates : []
    plan = try Plan(
      trace.builder, outputs: outputs, updates: updates,
      state: layout, options: options)
    inputSlot = plan.inputs.firstIndex { $0.name == StepTrace.inputName }
    targetSlot = plan.inputs.firstIndex { $0.name == StepTrace.targetName }
    weightSlot = plan.inputs.firstIndex { $0.name == StepTrace.weightName }
    scalarPlaces = plan.scalars.map { ScalarPlace(leaf: $0) }
    gradientPaths = kind == .gradient ? trace.gradients.map(\.path) : []
  }

  /// A plan of some values of a graph in training mode; the state stays unchanged.
  init(
    of outputs: [Value], in trace: StepTrace, batch: Int, weighted: Bool, layout: StateLayout,
    options: PlanOptions
  ) throws {
    (kind, self.batch, isWeighted, gradientPaths) = (.gradient, batch, weighted, [])
    plan = try Plan(trace.builder, outputs: outputs, state: layout, options: options)
    inputSlot = plan.inputs.firstIndex { $0.name == StepTrace.inputName }
    targetSlot = plan.inputs.firstIndex { $0.name == StepTrace.targetName }
    weightSlot = plan.inputs.firstIndex { $0.name == StepTrace.weightName }
    scalarPlaces = plan.scalars.map { ScalarPlace(leaf: $0) }
  }
}
