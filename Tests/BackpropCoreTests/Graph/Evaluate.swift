import BackpropCore

/// The numbers of a small graph: inputs bound in order, computed by the interpreter.
func evaluate(
  _ inputs: [(numbers: Numbers<Double>, scalarType: ScalarType)],
  _ build: ([Value]) throws -> Value
) throws -> Numbers<Double> {
  let builder = GraphBuilder()
  var bindings: [Leaf: Numbers<Double>] = [:]
  let values = inputs.enumerated().map { index, input in
    bindings[.input("\(index)")] = input.numbers
    return builder.leaf(.input("\(index)"), input.numbers.shape, input.scalarType)
  }
  let output = try build(values)
  return try Interpreter(builder.graph).values(of: [output], bindings: bindings)[0]
}

/// The gradient of the sum of a small graph's result by its first input.
func slope(
  at x: [Double], _ build: (Value) throws -> Value
) throws -> [Double] {
  try evaluate([(Numbers([x.count], x), .float64)]) { values in
    try gradient(of: build(values[0]).sum(), withRespectTo: [values[0]])[0]
  }.values
}
