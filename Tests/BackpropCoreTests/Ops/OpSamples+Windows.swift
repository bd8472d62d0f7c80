import BackpropCore
import BackpropTesting

/// Windows over images.
extension OpSample {
  private static let plain = Window(WindowAxis(2), WindowAxis(3))
  /// Every number different from what it is unless told, and different along the two axes.
  private static let general = Window(
    WindowAxis(3, stride: 2, dilation: 1, before: 2, after: 1),
    WindowAxis(2, stride: 1, dilation: 2, before: 0, after: 1))
  private static let sideBySide = Window(WindowAxis(2, stride: 2), WindowAxis(2, stride: 2))
  private static let single = Window(WindowAxis(1), WindowAxis(1))

  /// What a layer does with the windows.
  private static func convolution(_ x: Value, _ weight: Value, _ window: Window) throws -> Value {
    let windows = try x.unfolded(window)
    let rows = try windows.reshaped(to: [windows.shape.rows, windows.shape.last])
    return try rows.matmul(weight)
  }

  static let windows: [OpSample] = [
    OpSample(Unfold.self, "", [2, 3, 4, 2]) { try $0[0].exp().unfolded(plain) },
    OpSample(Unfold.self, "padding, strides, dilation", [2, 4, 5, 3]) {
      try $0[0].exp().unfolded(general)
    },
    OpSample(Unfold.self, "single places", [2, 3, 2, 2]) { try $0[0].exp().unfolded(single) },
    OpSample(Unfold.self, "a convolution", [2, 4, 5, 2], [12, 3]) {
      try convolution($0[0].exp(), $0[1], plain)
    },
    OpSample(Unfold.self, "a general convolution", [1, 4, 5, 2], [12, 3]) {
      try convolution($0[0].exp(), $0[1], general)
    },
    OpSample(Fold.self, "", [2, 2, 2, 12]) {
      try $0[0].exp().folded(plain, height: 3, width: 4)
    },
    OpSample(Fold.self, "padding, strides, dilation", [1, 3, 4, 12]) {
      try $0[0].exp().folded(general, height: 4, width: 5)
    },
    OpSample(Fold.self, "single places", [2, 3, 2, 2]) {
      try $0[0].exp().folded(single, height: 3, width: 2)
    },
    OpSample(Fold.self, "of a product", [4, 3], [3, 12]) {
      try $0[0].matmul($0[1]).reshaped(to: [1, 2, 2, 12]).folded(plain, height: 3, width: 4)
    },
    OpSample(MaxPool.self, "", [2, 4, 4, 3]) { try $0[0].exp().maxPooled(sideBySide) },
    OpSample(MaxPool.self, "padding, strides, dilation", [1, 4, 5, 2]) {
      try $0[0].maxPooled(general)
    },
    OpSample(MaxPoolSpread.self, "", [1, 4, 4, 2], [1, 3, 2, 2]) {
      let x = try $0[0].stoppingGradient()
      return try x.builder.add(MaxPoolSpread(plain), [x, x.maxPooled(plain), $0[1].exp()])
    },
    OpSample(MaxPoolPick.self, "", [1, 4, 4, 2], [1, 4, 4, 2]) {
      let x = try $0[0].stoppingGradient()
      return try x.builder.add(MaxPoolPick(plain), [x, x.maxPooled(plain), $0[1].exp()])
    },
    OpSample(SumPool.self, "", [2, 3, 4, 2]) { try $0[0].exp().sumPooled(plain) },
    OpSample(SumPool.self, "padding, strides, dilation", [1, 4, 5, 2]) {
      try $0[0].exp().sumPooled(general)
    },
    OpSample(SumPoolSpread.self, "padding, strides, dilation", [1, 3, 4, 2]) {
      let spread = SumPoolSpread(general, height: 4, width: 5)
      return try $0[0].builder.add(spread, [$0[0].exp()])
    },
  ]
}
