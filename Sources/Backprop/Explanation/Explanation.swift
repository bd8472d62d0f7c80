public import BackpropCore

/// The forward pass, the backward pass and the update of one step, with all their numbers: what
/// backpropagation did, to be read.
///
/// ```swift
/// let why = try step.explain(state, batch)
/// print(why["hidden"].delta)                    // δ = ∂C_x/∂z, [samples, units]
/// print(why["hidden"].gradient("weight"))       // ∂C/∂W, [inputs, outputs]
/// print(why.rendered(as: .text))
/// ```
///
/// The numbers are read off the step's own graph, computed node by node in float64. Formulas say
/// the same with symbols; each is computed from the numbers in it and must give the graph's value.
///
/// Errors come in two kinds. ``LayerExplanation/delta`` is that of each sample, δ_x = ∂C_x/∂z; the
/// graph of a batch's mean cost carries ``LayerExplanation/adjoint``, ∂C/∂z = δ_x/m. Where the cost
/// or a layer couples the samples of a batch, only the second exists.
public struct Explanation: Sendable {
  /// The network in one line.
  public let network: String
  /// The cost, as in `half-squared-error`.
  public let loss: String
  /// The update rule, as in `sgd:learning-rate=0.5`.
  public let optimizer: String
  /// From which weights gradients were computed.
  public let order: UpdateOrder
  /// The precision that the network is trained in; the numbers here are float64.
  public let precision: ScalarType
  /// The learning rate of the step.
  public let learningRate: Double
  /// The number of the step, from 0.
  public let step: Int
  /// The number of samples, m.
  public let sampleCount: Int
  /// The sample of the batch that single numbers are shown of, from 0.
  public let sample: Int
  /// Why no error of a single sample exists; nil where it does.
  public let coupling: String?
  /// The cost of the batch before the update.
  public let cost: Double
  /// The cost of the same batch after the update.
  public let costAfter: Double
  /// The layers, from the input on.
  public let layers: [LayerExplanation]
  /// Derivatives beside finite differences.
  public internal(set) var checks: [ExplanationCheck] = []

  /// Every array by name: `input`, `target`, those of layers as in `hidden:z`, those of parameters by
  /// path, as in `hidden.weight` and `hidden.weight.gradient`.
  let arrays: [String: Numbers<Double>]
  /// The same arrays computed in the precision of training, if asked for.
  let trainedArrays: [String: Numbers<Double>]
  let parts: ExplanationParts
  /// What a well-known example calls its numbers, by the names of figures.
  package var aliases: [String: String] = [:]
  /// What the sample is: a line each, shown first.
  package var subject: [String] = []
  /// Remarks that belong to this explanation, such as why a published number differs.
  package var remarks: [String] = []
  /// The costs after so many updates, for `--steps`.
  package var costs: [(step: Int, cost: Double, outputs: [Double])] = []
  /// Whether JSON leaves the numbers out.
  package var isWorksheet = false

  /// The layer of a name; asking for one that does not exist is a programmer's mistake.
  public subscript(name: String) -> LayerExplanation {
    guard let layer = layers.first(where: { $0.name == name }) else {
      preconditionFailure("there is no layer '\(name)' in \(layers.map(\.name))")
    }
    return layer
  }
}

/// One layer of an ``Explanation``.
public struct LayerExplanation: Sendable {
  /// The path, as in `hidden`.
  public let name: String
  /// What the layer is, as in `dense, sigmoid`; for a layer of another form, its ops.
  public let kind: String
  /// The number of the layer, from 1.
  public let number: Int
  /// What enters, [samples, …].
  public let input: Tensor
  /// z = a·W + b, [samples, units]; nil for a layer of another form.
  public let weightedInput: Tensor?
  /// What the layer gives to the next, a = σ(z), [samples, …].
  public let activation: Tensor
  /// Each sample's own error, ∂C_x/∂z, of z if there is one, else of the output; nil if the cost or
  /// a layer couples the samples. Where samples have weights, C_x is the weighted cost.
  public let delta: Tensor?
  /// The derivative of the batch's cost, ∂C/∂z; with uncoupled samples, delta divided by m.
  public let adjoint: Tensor
  /// The parameters, in the order of their declaration.
  public let parameters: [ParameterExplanation]
  /// What the layer computes, op by op.
  public let operations: [OperationExplanation]

  /// ∂C/∂θ of a parameter by its last name, as in `weight`; nil if there is none.
  public func gradient(_ name: String) -> Tensor? {
    parameters.first { $0.name == name }?.gradient
  }
}

/// One parameter of a ``LayerExplanation``.
public struct ParameterExplanation: Sendable {
  /// The last part of the path, as in `weight`.
  public let name: String
  /// The path, as in `hidden.weight`.
  public let path: String
  /// Whether the optimiser changes it.
  public let isTrained: Bool
  /// What weight decay thinks of it.
  public let role: ParameterRole
  /// The value before the update.
  public let value: Tensor
  /// ∂C/∂θ: of the batch, the mean over samples where they are not coupled.
  public let gradient: Tensor
  /// The value after the update.
  public let next: Tensor
}

/// One op of a layer, with the derivative that its documentation states.
public struct OperationExplanation: Sendable {
  /// The op's name, as in `matmul`.
  public let name: String
  /// What the inputs are: parameters by path, the layer's input, or earlier ops by number.
  public let inputs: [String]
  /// The derivative, as the op documents it.
  public let derivative: String
  /// What the op gave.
  public let output: Tensor
  /// ∂C/∂output; nil if the cost does not depend on it.
  public let adjoint: Tensor?
}

/// A derivative beside finite differences.
public struct ExplanationCheck: Sendable {
  /// What was checked: `hidden.weight[0,1]`, or `hidden.weight along 4 random directions`.
  public let name: String
  /// The derivative of backpropagation; of several directions, that of the worst.
  public let analytic: Double
  /// The difference; nil where an activation or cost has a kink.
  public let numeric: Double?
  /// |a − n| / max(|a|, |n|, 10⁻³·greatest), less what rounding explains; 0 at a kink.
  public let error: Double
}

/// What only formulas need to know about a network.
struct ExplanationParts: Sendable {
  let loss: any Loss
  let optimizer: any Optimizer
  let regularization: Regularization
  let trainingSamples: Int
  /// Whether samples have weights in the cost.
  let isWeighted: Bool
  /// Layers in a row that the four equations describe, each with the next one.
  let dense: [String: DenseParts]
}

/// A layer z = a·W + b, a = σ(z), and where its output goes.
struct DenseParts: Sendable {
  let number: Int
  let inputs, units: Int
  /// The number of the layer that gives the input; nil for the network's input, and for another kind
  /// of layer.
  let inputNumber: Int?
  /// The name of the array that enters, `input` or `hidden.a`.
  let inputArray: String
  /// The next layer of this form, if this layer's output goes there alone.
  let next: String?
  /// Whether its output is the network's.
  let isOutput: Bool
  /// The activation; nil for the identity.
  let activation: ActivationForm?
  let weightPath: String
  let biasPath: String?
  /// Whether the bias is one for the whole layer.
  let sharesBias: Bool
}
