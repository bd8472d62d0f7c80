public import BackpropCore

/// An activation function a = σ(z), as a layer and by name.
///
/// | name | a | options | at its kinks the derivative is |
/// |---|---|---|---|
/// | `identity` | z | | |
/// | `sigmoid` | 1 / (1 + e⁻ᶻ) | | |
/// | `tanh` | tanh z | | |
/// | `relu` | max(z, 0) | | 0 |
/// | `leaky-relu` | z, or slope·z below 0 | `slope` 0.01 | slope |
/// | `elu` | z, or alpha·(eᶻ − 1) below 0 | `alpha` 1 | alpha |
/// | `gelu` | z·Φ(z), Φ the normal distribution function | | |
/// | `gelu-tanh` | `gelu` with tanh in place of Φ | | |
/// | `silu` | z / (1 + e⁻ᶻ) | | |
/// | `softplus` | ln(1 + eᶻ) | | |
/// | `softmax` | eᶻ / Σ eᶻ along the last axis | | |
/// | `softmin` | e⁻ᶻ / Σ e⁻ᶻ along the last axis | | |
/// | `log-softmax` | ln softmax(z) | | |
/// | `log-sigmoid` | ln sigmoid(z) | | |
/// | `relu6` | min(max(z, 0), 6) | | 0 |
/// | `hardtanh` | z, kept from `lower` to `upper` | −1, 1 | 0 |
/// | `hard-sigmoid` | z/6 + ½, kept from 0 to 1 | | 0 |
/// | `hard-swish` | z · hard-sigmoid(z) | | 0 at −3, 1 at 3 |
/// | `selu` | 1.0507·`elu` with alpha 1.6733 | | 1.7581 |
/// | `celu` | z, or alpha·(e^(z/alpha) − 1) below 0 | `alpha` 1 | 1 |
/// | `mish` | z · tanh(softplus(z)) | | |
/// | `softsign` | z / (1 + \|z\|) | | 1 |
/// | `tanhshrink` | z − tanh z | | |
/// | `softshrink` | z towards 0 by `lambda`, 0 between | 0.5 | 0 |
/// | `hardshrink` | z, or 0 where \|z\| ≤ `lambda` | 0.5 | 0 |
/// | `threshold` | z, or `value` where z ≤ `at` | 0, 0 | 0 |
///
/// They are PyTorch's, by its names. `glu`, `prelu` and `rrelu` are layers of their own
/// (``GatedLinearUnit``, ``ParametricRelu``, ``RandomizedRelu``): the first halves the features, the
/// second has a parameter, the third draws numbers.
///
/// The result is labelled `Label.activation`; `identity` adds nothing to the graph, and a is z
/// itself.
public enum Activation: Layer, Hashable {
  case identity, sigmoid, tanh, relu
  /// With the slope below 0.
  case leakyRelu(slope: Double = 0.01)
  /// With minus the value far below 0.
  case elu(alpha: Double = 1)
  case gelu, geluTanh, silu, softplus
  /// Along the last axis: an activation whose derivative is a full Jacobian.
  case softmax
  /// Softmax of −z.
  case softmin
  /// The logarithm of softmax, also where that is 0 in floating point.
  case logSoftmax
  /// The logarithm of sigmoid, also where that is 0 in floating point.
  case logSigmoid
  case relu6
  /// With its bounds.
  case hardtanh(lower: Double = -1, upper: Double = 1)
  case hardSigmoid, hardSwish
  /// Scaled so that layers keep mean 0 and variance 1: G. Klambauer et al., "Self-Normalizing Neural
  /// Networks" (2017), equation (2).
  case selu
  /// With minus the value far below 0; its derivative is continuous for each: J. Barron,
  /// "Continuously Differentiable Exponential Linear Units" (2017).
  case celu(alpha: Double = 1)
  /// D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function" (2020).
  case mish
  case softsign, tanhshrink
  /// With how far it shrinks.
  case softshrink(lambda: Double = 0.5)
  /// With what counts as 0.
  case hardshrink(lambda: Double = 0.5)
  /// With the greatest z that is replaced, and by what.
  case threshold(at: Double = 0, value: Double = 0)

  /// Every name, in the order of the table.
  public static let allNames = defaults.map(\.name)

  static let defaults: [Activation] = [
    .identity, .sigmoid, .tanh, .relu, .leakyRelu(), .elu(), .gelu, .geluTanh, .silu, .softplus,
    .softmax, .softmin, .logSoftmax, .logSigmoid, .relu6, .hardtanh(), .hardSigmoid, .hardSwish,
    .selu, .celu(), .mish, .softsign, .tanhshrink, .softshrink(), .hardshrink(), .threshold(),
  ]

  /// The name, in kebab case, without options.
  public var name: String {
    switch self {
    case .identity: "identity"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .leakyRelu: "leaky-relu"
    case .elu: "elu"
    case .gelu: "gelu"
    case .geluTanh: "gelu-tanh"
    case .silu: "silu"
    case .softplus: "softplus"
    case .softmax: "softmax"
    case .softmin: "softmin"
    case .logSoftmax: "log-softmax"
    case .logSigmoid: "log-sigmoid"
    case .relu6: "relu6"
    case .hardtanh: "hardtanh"
    case .hardSigmoid: "hard-sigmoid"
    case .hardSwish: "hard-swish"
    case .selu: "selu"
    case .celu: "celu"
    case .mish: "mish"
    case .softsign: "softsign"
    case .tanhshrink: "tanhshrink"
    case .softshrink: "softshrink"
    case .hardshrink: "hardshrink"
    case .threshold: "threshold"
    }
  }

  /// What a cost may think of the values.
  package var range: LossInput {
    switch self {
    case .sigmoid, .softmax, .softmin, .hardSigmoid: .probabilities
    case .logSoftmax, .logSigmoid: .logProbabilities
    default: .values
    }
  }
}
