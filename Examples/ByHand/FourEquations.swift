#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The four equations of backpropagation for a sigmoid network of any sizes, with C = ½ Σ (a − y)².
struct FourEquations {
  /// `weights[l][j][k]` leads from unit k of one layer to unit j of the next.
  var weights: [[[Double]]]
  var biases: [[Double]]

  /// A published example (Mazur, 2015): inputs .05 .10, targets .01 .99, two hidden units.
  static let worked = FourEquations(
    weights: [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
    biases: [[0.35, 0.35], [0.60, 0.60]])

  /// The activations a = σ(W·a + b) of every layer, the inputs first.
  func forward(_ x: [Double]) -> [[Double]] {
    var activations = [x]
    for (weight, bias) in zip(weights, biases) {
      let a = activations[activations.count - 1]
      activations.append(zip(weight, bias).map { w, b in 1 / (1 + exp(-dot(w, a) - b)) })
    }
    return activations
  }

  func cost(_ x: [Double], _ y: [Double]) -> Double {
    zip(forward(x)[weights.count], y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 2 }
  }

  /// The errors δ = ∂C/∂z of every layer behind the inputs; σ′(z) = a(1 − a).
  func errors(_ activations: [[Double]], _ y: [Double]) -> [[Double]] {
    // BP1: δ = ∇C ⊙ σ′(z) at the outputs.
    var deltas = [zip(activations[weights.count], y).map { a, y in (a - y) * a * (1 - a) }]
    for layer in weights.indices.dropFirst().reversed() {
      // BP2: δ = (Wᵀ·δ of the next layer) ⊙ σ′(z), one layer back.
      let next = deltas[0]
      deltas.insert(
        activations[layer].enumerated().map { k, a in
          dot(weights[layer].map { $0[k] }, next) * a * (1 - a)
        }, at: 0)
    }
    return deltas
  }

  /// BP3: ∂C/∂b = δ. BP4: ∂C/∂w_jk = δ_j · a_k.
  func gradient(_ x: [Double], _ y: [Double]) -> FourEquations {
    let activations = forward(x)
    let deltas = errors(activations, y)
    let weights = zip(deltas, activations).map { delta, a in delta.map { d in a.map { d * $0 } } }
    return FourEquations(weights: weights, biases: deltas)
  }

  /// One step, w ← w − η ∂C/∂w, of all weights and, where they are trained, biases.
  mutating func step(_ x: [Double], _ y: [Double], rate: Double, trainsBiases: Bool = true) {
    let gradient = gradient(x, y)
    for l in weights.indices {
      for j in weights[l].indices {
        for k in weights[l][j].indices { weights[l][j][k] -= rate * gradient.weights[l][j][k] }
        if trainsBiases { biases[l][j] -= rate * gradient.biases[l][j] }
      }
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
