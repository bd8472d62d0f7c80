/// The kinds of layers that can be read from text.
public struct LayerRegistry: Sendable {
  /// The layers of this package.
  public static let standard = LayerRegistry([
    Dense.self, Activation.self, GatedLinearUnit.self, ParametricRelu.self, RandomizedRelu.self,
    Dropout.self, BatchNorm.self, Sequential.self,
    Conv2D.self, Conv1D.self, ConvTransposed2D.self, MaxPool2D.self, MaxPool1D.self,
    AveragePool2D.self, AveragePool1D.self, AdaptivePool2D.self, GlobalPool.self, Flatten.self,
    Reshape.self, Pad2D.self,
    ChannelDropout.self, LayerNorm.self, RMSNorm.self, GroupNorm.self, InstanceNorm.self,
    Embedding.self, LearnedPositions.self, SinusoidalPositions.self, Recurrent.self,
    MultiHeadAttention.self, TransformerEncoderBlock.self, Residual.self, Parallel.self,
  ])

  private var templates: [any SpecifiedLayer] = []
  /// Values of options that a text does not say, for every kind that has them.
  private(set) var defaults: [JSONValue.Member] = []

  init(_ types: [any SpecifiedLayer.Type]) { types.forEach { add($0) } }

  private mutating func add(_ type: any SpecifiedLayer.Type) {
    for template in type.templates {
      templates.removeAll { $0.kind == template.kind }
      templates.append(template)
    }
  }

  /// This registry with one more type of layers; its kinds take the place of earlier ones of the
  /// same name.
  public func adding(_ type: any SpecifiedLayer.Type) -> LayerRegistry {
    var registry = self
    registry.add(type)
    return registry
  }

  /// This registry with other values for options that a text does not say: those of each layer that
  /// has an option of the name.
  package func withDefaults(_ defaults: [JSONValue.Member]) -> LayerRegistry {
    var registry = self
    registry.defaults = defaults
    return registry
  }

  /// The names of all kinds.
  public var kinds: [String] { templates.map(\.kind) }

  /// The template of a kind, or nil.
  subscript(kind: String) -> (any SpecifiedLayer)? { templates.first { $0.kind == kind } }
}
