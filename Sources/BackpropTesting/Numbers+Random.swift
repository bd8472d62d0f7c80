public import BackpropCore

extension Numbers where R == Double {
  /// Random numbers, uniform in a range: the same for the same seed.
  public static func random(
    _ shape: Shape, in range: ClosedRange<Double> = -2...2, seed: UInt64
  ) -> Numbers {
    let width = range.upperBound - range.lowerBound
    let numbers = RandomKey(seed).folded("numbers").uniforms(shape.count)
    return Numbers(shape, numbers.map { range.lowerBound + width * $0 })
  }
}
