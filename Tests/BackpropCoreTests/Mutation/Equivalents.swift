/// Mutants that change no derivative by a bit in any sample, each with the reason.
struct Equivalents {
  let order: Int
  /// The piece of a derivative.
  let place: String
  let mutations: Set<Mutation>
  let reason: String

  func covers(_ outcome: Outcome) -> Bool {
    outcome.order == order && outcome.place == place && mutations.contains(outcome.mutation)
  }

  static func reason(_ outcome: Outcome) -> String? { all.first { $0.covers(outcome) }?.reason }

  static let all =
    [
      Equivalents(
        order: 1, place: "cast 0 of max", mutations: [.scaled, .flipped],
        reason: "which elements are greatest, divided by their count: the factor cancels"),
      Equivalents(
        order: 1, place: "where 0 of elu, operand 2", mutations: [.replaced],
        reason: "x in place of 0 where x > 0: the other branch is taken there; an overflow in it "
          + "would only show one order higher"),
      Equivalents(
        order: 2, place: "where 2 of elu, operand 2", mutations: [.replaced],
        reason: "the same in the derivative of elu that the second order adds"),
      Equivalents(
        order: 2, place: "where 1 of where 0 of elu, operand 2", mutations: [.replaced],
        reason: "an adjoint that the outer choice has made 0 already"),
      Equivalents(
        order: 1, place: "fold 0 of unfold, operand 0", mutations: [.replaced],
        reason: "windows of single places: what is unfolded, or folded, is the value itself"),
      Equivalents(
        order: 1, place: "unfold 0 of fold, operand 0", mutations: [.replaced],
        reason: "windows of single places: what is unfolded, or folded, is the value itself"),
    ]
    + ["maximum", "minimum"].flatMap { op in
      ["where 1 of where 1 of \(op), operand 2", "where 1 of where 2 of \(op), operand 2"].map {
        Equivalents(
          order: 2, place: $0, mutations: [.replaced],
          reason: "an adjoint for ties: the choice of ties behind it lets no other through")
      }
    }
    + [
      (1, "1.0 0 of power"), (2, "1.0 0 of power 0 of power"), (2, "1.0 2 of power"),
    ].map { order, place in
      Equivalents(
        order: order, place: place, mutations: [.scaled, .flipped, .dropped], reason: noLogarithm)
    }
    + [
      (1, "where 0 of power, operand 1"), (2, "where 0 of power 0 of power, operand 1"),
      (2, "where 0 of where 0 of power, operand 1"), (2, "where 1 of power, operand 1"),
    ].map { order, place in
      Equivalents(order: order, place: place, mutations: [.replaced], reason: noLogarithm)
    }

  private static let noLogarithm =
    "read where the base is not positive, where the exponent has no derivative to compare with: "
    + "SubgradientTests has the number that is chosen there"
}
