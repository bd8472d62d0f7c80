import BackpropCore
import BackpropTesting
import Testing

/// Proof of the checks of derivatives: each node of each op's backward graphs is mutated in turn,
/// and the check of some derivative has to fail.
@Suite struct MutationTests {
  /// Fewer mutants than this, and something was left out.
  private static let least = 4_800

  @Test func `every mutant is caught, or changes nothing`() async throws {
    let outcomes = try await Self.outcomes()
    let killed = Set(outcomes.filter { $0.fate == .killed }.map(\.key))
    // The pieces that one sample does not read, another one does.
    let unread = outcomes.filter { $0.fate == .unread && !killed.contains($0.key) }
    let unexplained = unread.filter { Equivalents.reason($0) == nil }
    let survivors = outcomes.filter { $0.fate == .survivor }
    print(Self.table(outcomes, equivalents: unread.count))
    for outcome in (survivors + unexplained).sorted(by: { $0.key < $1.key }) {
      Issue.record("\(outcome.fate): \(outcome.key), in \(outcome.sample)")
    }
    for entry in Equivalents.all {
      #expect(unread.contains { entry.covers($0) }, "no mutant needs \(entry.place)")
    }
    #expect(outcomes.count >= Self.least)
    #expect(Set(outcomes.map(\.mutation)) == Set(Mutation.allCases))
  }

  /// A check that accepted everything would leave survivors.
  @Test func `the bench sees survivors where a check is blind`() throws {
    let sample = try #require(OpSample.all.first { $0.op == Tanh.self })
    let outcomes = try MutationBench(sample).outcomes(tolerance: 0.01)
    #expect(outcomes.contains { $0.fate == .survivor && $0.mutation == .scaled })
    #expect(!outcomes.contains { $0.fate == .survivor && $0.mutation != .scaled })
  }

  private static func outcomes() async throws -> [Outcome] {
    try await withThrowingTaskGroup(of: [Outcome].self) { group in
      for sample in OpSample.all {
        group.addTask { try MutationBench(sample).outcomes() }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func table(_ outcomes: [Outcome], equivalents: Int) -> String {
    func row(_ name: String, _ outcomes: [Outcome]) -> String {
      let cells =
        [1, 2].map { order in outcomes.count { $0.order == order } }
        + Fate.allCases.map { fate in outcomes.count { $0.fate == fate } }
      func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
      }
      return name + padded("\(outcomes.count)", 32 - name.count)
        + cells.map { padded("\($0)", 10) }.joined()
    }
    let titles =
      ["op or mutation           mutants", "first", "second"]
      + Fate.allCases.map(\.rawValue)
    let header =
      titles[0]
      + titles.dropFirst().map { String(repeating: " ", count: 10 - $0.count) + $0 }.joined()
    let ops = Dictionary(grouping: outcomes, by: \.op).sorted { $0.key < $1.key }
    let mutations = Mutation.allCases.map { mutation in
      row(mutation.rawValue, outcomes.filter { $0.mutation == mutation })
    }
    return
      ([header] + ops.map { row($0.key, $0.value) } + mutations + [row("all", outcomes)] + [
        "unread in one sample, caught in another: "
          + "\(outcomes.count { $0.fate == .unread } - equivalents); equivalent: \(equivalents)"
      ]).joined(separator: "\n")
  }
}
