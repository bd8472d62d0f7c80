import ArgumentParser
import Backprop

/// Second derivatives at work: Newton's method, which solves for the step that gradient descent would feel its way to.
///
/// The cost of a softmax regression is convex, so steps `w ← w − (H + λ)⁻¹·∇C` reach its minimum in a few.
struct Newton: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "newton",
    abstract: "Newton's method on three kinds of iris, with the whole Hessian.")

  @Option(help: "Steps of training.")
  var steps = 8

  func run() throws {
    let data = try Dataset.iris()
    let scaling = Scaling.standard(fittedTo: data)
    let scaled = data.inputs.array(of: Float.self).enumerated().map { place, number in
      Double((number - scaling.offset[place % 4]) * scaling.scale[place % 4])
    }
    let builder = GraphBuilder()
    let w = builder.leaf(.input("w"), [15], .float64)  // 4 weights and a bias for each class
    let x = builder.leaf(.input("x"), [150, 4], .float64)
    let t = builder.leaf(.input("t"), [150], .int32)
    let weight = try w.sliced(axis: 0, 0..<12).reshaped(to: [4, 3])
    let logits = try x.matmul(weight) + w.sliced(axis: 0, 12..<15)
    // A little decay, since classes that can be told apart have no finite minimum.
    let cost = try logits.softmaxCrossEntropy(t).mean() + 0.005 * w.square().sum()
    let slope = try gradient(of: cost, withRespectTo: [w])[0]
    let curvature = try hessian(of: cost, withRespectTo: w)
    let function = try CompiledFunction(
      builder, outputs: [cost, slope, curvature], scalarType: .float64)

    let inputs = Tensor(scaled, shape: [150, 4])
    var numbers = [Double](repeating: 0, count: 15)
    for step in 0...steps {
      let bound: [String: Tensor] = ["w": Tensor(numbers), "x": inputs, "t": data.targets]
      try function.run(function.plan.inputs.map { bound[$0.name]! })
      let (g, h) = (
        function.output(1).array(of: Double.self), function.output(2).array(of: Double.self)
      )
      let length = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
      print(
        "step \(step): cost \(function.output(0).array(of: Double.self)[0]), |gradient| \(length)")
      numbers = zip(numbers, Self.solve(h, g)).map { $0 - $1 }
    }
  }

  /// The solution s of h·s = g for a symmetric positive h, by Gauss's elimination.
  static func solve(_ h: [Double], _ g: [Double]) -> [Double] {
    let count = g.count
    var (rows, right) = ((0..<count).map { Array(h[$0 * count..<($0 + 1) * count]) }, g)
    for pivot in 0..<count {
      for row in pivot + 1..<count {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        for column in pivot..<count { rows[row][column] -= factor * rows[pivot][column] }
        right[row] -= factor * right[pivot]
      }
    }
    for row in (0..<count).reversed() {
      for column in row + 1..<count { right[row] -= rows[row][column] * right[column] }
      right[row] /= rows[row][row]
    }
    return right
  }
}
