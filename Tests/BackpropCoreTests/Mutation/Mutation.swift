import BackpropCore

/// What is done to the value of one node at run time.
enum Mutation: String, CaseIterable, Sendable {
  /// Times 1.001.
  case scaled
  /// The other sign; of a truth value the other one.
  case flipped
  /// Zeros.
  case dropped
  /// Two operands in each other's place.
  case swapped
  /// One of its inputs in its place.
  case replaced
}

/// A node with a mutation: where a mutation has several forms, one of them.
struct Mutant: Sendable {
  let node: Int
  let mutation: Mutation
  /// The operands that change places, or the one that is let through.
  var operands: [Int] = []

  /// All mutants of a node that its shape rule lets pass.
  ///
  /// Operands whose order does not matter are not swapped; where it is not even a number (an
  /// index), a value can be dropped only.
  static func all(of node: Node, number: Int, in graph: Graph) -> [Mutant] {
    var kinds: [Mutation] = [.dropped]
    if node.type.scalarType == .bool { kinds.append(.flipped) }
    if node.type.scalarType.isReal { kinds += [.scaled, .flipped] }
    var mutants = kinds.map { Mutant(node: number, mutation: $0) }
    guard case .op(let op) = node.kind else { return mutants }
    let types = node.inputs.map { graph.nodes[$0].type }
    if !isSymmetric(op) {
      for second in types.indices {
        for first in 0..<second where node.inputs[first] != node.inputs[second] {
          var swapped = types
          swapped.swapAt(first, second)
          guard (try? op.result(of: swapped)) == node.type else { continue }
          mutants.append(Mutant(node: number, mutation: .swapped, operands: [first, second]))
        }
      }
    }
    for (operand, type) in types.enumerated()
    where type.scalarType == node.type.scalarType
      && type.shape.broadcast(with: node.type.shape) == node.type.shape
    {
      mutants.append(Mutant(node: number, mutation: .replaced, operands: [operand]))
    }
    return mutants
  }

  private static func isSymmetric(_ op: any Op) -> Bool {
    op is Add || op is Multiply || op is Maximum || op is Minimum || op is Equal || op is NotEqual
  }

  /// The value in place of the right one.
  func value(
    _ node: Node, _ value: Numbers<Double>, inputs: [Numbers<Double>]
  ) -> Numbers<Double> {
    switch mutation {
    case .scaled: return value.map { 1.001 * $0 }
    case .flipped: return value.map { node.type.scalarType == .bool ? 1 - $0 : -$0 }
    case .dropped: return value.map { _ in 0 }
    case .replaced:
      return Numbers(value.shape, inputs[operands[0]].broadcast(to: value.shape))
    case .swapped:
      guard case .op(let op) = node.kind else { return value }
      var swapped = inputs
      swapped.swapAt(operands[0], operands[1])
      return op.evaluate(swapped, result: node.type)
    }
  }
}

/// What became of a mutant.
enum Fate: String, CaseIterable, Sendable {
  /// The check fails, as it should.
  case killed
  /// Nothing can be changed: no elements, the constant 0, or an operand with the same elements.
  case empty
  /// No derivative changes by a bit, with the sample's numbers and with others.
  case unread
  /// A derivative changes, and the check passes.
  case survivor
}

/// A mutant of a sample, and what became of it.
struct Outcome: Sendable {
  let op: String
  let sample: String
  let order: Int
  let mutation: Mutation
  /// The piece of a derivative that was mutated.
  let place: String
  let fate: Fate

  /// The same for mutants of the same piece in other samples.
  var key: String { "\(order): \(mutation.rawValue) \(place)" }
}
