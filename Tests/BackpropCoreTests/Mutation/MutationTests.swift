import BackpropCore
import BackpropTesting
import Testing

/// Proof of the checks of derivatives: each node of each op's backward graphs is mutated in turn,
/// and the check of some derivative has to fail.
@Suite struct MutationTests {
  @Test func `every mutant is caught, or changes nothing`() async throws {
    let outcomes = try await withThrowingTaskGroup(of: [Outcome].self) { group in
      for sample in OpSample.all {
        group.addTask { try MutationBench(sample).outcomes() }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    for outcome in outcomes.sorted(by: { $0.key < $1.key }) where outcome.fate != .killed {
      print(outcome.fate.rawValue, outcome.key)
    }
    print(Fate.allCases.map { fate in "\(fate) \(outcomes.count { $0.fate == fate })" })
  }
}
