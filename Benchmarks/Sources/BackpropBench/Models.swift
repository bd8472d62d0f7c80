import Backprop

/// LeNet-5 as it is built today: relu, max pooling, three dense layers.
struct LeNet: Layer {
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    var a = try scope("conv1", Conv2D(6, kernel: 5), x).relu()
    a = try scope("pool1", MaxPool2D(2), a)
    a = try scope("conv2", Conv2D(16, kernel: 5), a).relu()
    a = try scope("pool2", MaxPool2D(2), a)
    a = try scope("flatten", Flatten(), a)
    a = try scope("dense1", Dense(120), a).relu()
    a = try scope("dense2", Dense(84), a).relu()
    return try scope("dense3", Dense(10), a)
  }
}

/// A small residual network for images of 32×32: three stages of two blocks, 16, 32 and 64 channels.
struct SmallResNet: Layer {
  private func normalized(
    _ x: Value, _ name: String, _ channels: Int, kernel: Int, stride: Int = 1, _ scope: Scope
  ) throws -> Value {
    let conv = Conv2D(
      channels, kernel: ImageSize(kernel, kernel), stride: ImageSize(stride, stride),
      padding: .places(ImageSize(kernel / 2, kernel / 2)), bias: .none)
    return try scope("\(name)-norm", BatchNorm(), scope(name, conv, x))
  }

  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    var a = try normalized(x, "stem", 16, kernel: 3, scope).relu()
    for (stage, channels) in [16, 32, 64].enumerated() {
      for block in 0..<2 {
        let name = "s\(stage)b\(block)"
        let stride = stage > 0 && block == 0 ? 2 : 1
        let inner = try normalized(a, name + "c1", channels, kernel: 3, stride: stride, scope)
          .relu()
        let outer = try normalized(inner, name + "c2", channels, kernel: 3, scope)
        let short =
          stride == 1
          ? a : try normalized(a, name + "sc", channels, kernel: 1, stride: stride, scope)
        a = try (outer + short).relu()
      }
    }
    return try scope("dense", Dense(10), scope("pool", GlobalPool(), a))
  }
}

/// A transformer over characters: four blocks of 128 features that look back.
struct Transformer: Layer {
  let vocabulary: Int
  let context: Int

  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    var a = try scope("tokens", Embedding(vocabulary, features: 128), x)
    a = try scope("positions", LearnedPositions(context), a)
    for number in 0..<4 {
      let block = TransformerEncoderBlock(
        heads: 4, hidden: 512, isCausal: true, activation: .geluTanh, normalization: .before)
      a = try scope("block\(number)", block, a)
    }
    a = try scope("norm", LayerNorm(), a)
    return try scope("output", Dense(vocabulary, bias: .none), a)
  }
}
