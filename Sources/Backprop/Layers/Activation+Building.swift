public import BackpropCore

extension Activation {
  public func callAsFunction(_ z: Value, _ scope: Scope) throws -> Value {
    guard self != .identity else { return z }
    try check()
    let a = try applied(to: z)
    // One op says its own name.
    let isOneOp = a.builder.graph.nodes[a.id].inputs == [z.id]
    return a.labelled(.activation, as: isOneOp ? nil : description)
  }

  /// Comparisons are written so that a NaN stays one.
  private func applied(to z: Value) throws -> Value {
    switch self {
    case .identity: z
    case .sigmoid: try z.sigmoid()
    case .tanh: try z.tanh()
    case .relu: try z.relu()
    case .leakyRelu(let slope): try z.leakyRelu(slope: slope)
    case .elu(let alpha): try z.elu(alpha: alpha)
    case .gelu: try z.gelu(.exact)
    case .geluTanh: try z.gelu(.tanh)
    case .silu: try z.silu()
    case .softplus: try z.softplus()
    case .softmax: try z.softmax()
    case .softmin: try (-z).softmax()
    case .logSoftmax: try z.logSoftmax()
    case .logSigmoid: try -((-z).softplus())
    case .relu6: try Self.kept(z, from: 0, to: 6)
    case .hardtanh(let lower, let upper): try Self.kept(z, from: lower, to: upper)
    case .hardSigmoid:
      try z.lessOrEqual(to: -3).select(0, z.greaterOrEqual(to: 3).select(1, z / 6 + 0.5))
    case .hardSwish:
      try z.lessOrEqual(to: -3).select(0, z.greaterOrEqual(to: 3).select(z, z * (z / 6 + 0.5)))
    case .selu: try Self.seluScale * z.elu(alpha: Self.seluAlpha)
    case .celu(let alpha): try alpha * (z / alpha).elu(alpha: 1)
    case .mish: try z * z.softplus().tanh()
    case .softsign: try z / (1 + z.abs())
    case .tanhshrink: try z - z.tanh()
    case .softshrink(let lambda):
      try z.abs().lessOrEqual(to: lambda).select(0, z - lambda * z.sign())
    case .hardshrink(let lambda): try z.abs().lessOrEqual(to: lambda).select(0, z)
    case .threshold(let least, let value): try z.lessOrEqual(to: least).select(value, z)
    }
  }

  /// The numbers of SELU: the fixed point of its map of mean and variance.
  static let seluScale = 1.0507009873554805
  static let seluAlpha = 1.6732632423543772

  /// z between two bounds, where its derivative is 1, and at and beyond them the bound.
  private static func kept(_ z: Value, from lower: Double, to upper: Double) throws -> Value {
    try z.lessOrEqual(to: lower).select(lower, z.greaterOrEqual(to: upper).select(upper, z))
  }
}
