/// The tables of a comparison, in Markdown.
public struct Report: Sendable {
  /// The cases, in the order in which they ran.
  public var summaries: [Summary]
  /// The machine, the date and the command: a line each.
  public var facts: [String]

  /// Makes a report.
  public init(_ summaries: [Summary], facts: [String]) {
    (self.summaries, self.facts) = (summaries, facts)
  }

  /// Whether each final loss is what its case demands.
  public var hasEqualLosses: Bool { !summaries.contains { $0.rows.contains(where: \.isLossOff) } }

  /// The whole report.
  public var markdown: String {
    var text = facts.map { "- \($0)\n" }.joined()
    for summary in summaries { text += "\n" + summary.markdown }
    return text + "\n" + Self.legend
  }

  static let legend = """
    Ratios say how many times faster the project is than the peer of that row. With one thread the \
    lesser of wall and processor time counts; with more, wall time, and only runs beside which \
    others kept fewer than \(Summary.quiet.text(digits: 2)) cores busy. Core speed is the instructions \
    that a core takes in before and after a run, beside the most that were seen: another virtual machine on \
    the same core halves it, unseen by the system. **Bold** losses are further off than the case allows.

    """
}

extension Summary {
  /// The table of one case.
  public var markdown: String {
    let plural = threads == 1 ? "thread" : "threads"
    let header = [
      title, "best, \(unit.rawValue)", "median", "ratio of best", "ratio of median", "final loss",
      "rounds", "foreign CPU", "core speed", "",
    ]
    let lines = rows.map { row in
      let loss = row.finalLoss?.text(digits: 5) ?? "–"
      return [
        row.label, row.best.brief, row.median.brief, row.bestRatio?.brief ?? "",
        row.medianRatio?.brief ?? "", row.isLossOff ? "**\(loss)**" : loss,
        row.counted == row.rounds ? "\(row.rounds)" : "\(row.counted) of \(row.rounds)",
        row.foreignCPU?.text(digits: 2) ?? "–", row.coreSpeed?.text(digits: 2) ?? "–", row.note,
      ]
    }
    return "### \(title), \(threads) \(plural)\n\n"
      + Table([header] + lines, textColumns: [0, header.count - 1]).markdown
  }
}
