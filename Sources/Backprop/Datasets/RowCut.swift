import BackpropCore

/// Cuts rows, named by their indices, into parts of given sizes; each part gets at least one.
struct RowCut {
  /// What the data is called in errors.
  let name: String
  /// What each part gets; their sum is 1.
  let fractions: [Double]

  /// Parts in the order of a shuffle.
  ///
  /// - Parameters:
  ///   - count: the number of rows.
  ///   - strata: the stratum of each row, or none: each stratum is cut by itself.
  ///   - names: the names of the strata, for errors.
  ///   - key: what to shuffle by, with `key.folded("split")`.
  func shuffled(
    _ count: Int, strata: [Int32], names: [String], key: RandomKey
  ) throws(DataError) -> [[Int]] {
    var sizes = strata.isEmpty ? [count] : [Int](repeating: 0, count: names.count)
    for stratum in strata { sizes[Int(stratum)] += 1 }
    var quotas: [[Int]] = []
    for (stratum, size) in sizes.enumerated() {
      // Classes that do not occur may be many.
      guard size > 0 || strata.isEmpty else {
        quotas.append([])
        continue
      }
      try check(size, "samples", strata.isEmpty ? nil : names[stratum])
      quotas.append(apportioned(size))
    }
    var parts = fractions.map { _ in [Int]() }
    for index in key.folded("split").permutation(count) {
      let stratum = strata.isEmpty ? 0 : Int(strata[index])
      let part = quotas[stratum].firstIndex { $0 > 0 } ?? 0
      quotas[stratum][part] -= 1
      parts[part].append(index)
    }
    return parts
  }

  /// Parts in the order of the rows: the first rows are the first part.
  func inOrder(_ count: Int) throws(DataError) -> [[Int]] {
    try check(count, "samples", nil)
    var start = 0
    return apportioned(count).map { size in
      defer { start += size }
      return Array(start..<start + size)
    }
  }

  /// Parts of which each has whole groups.
  ///
  /// Groups come in the order of a shuffle; each goes to the part that lacks the most rows, and
  /// parts without a group come first when only as many groups are left.
  ///
  /// - Parameter groups: the group of each row, from 0 on.
  func grouped(_ groups: [Int], key: RandomKey) throws(DataError) -> [[Int]] {
    let number = (groups.max() ?? -1) + 1
    try check(number, "groups", nil)
    var sizes = [Int](repeating: 0, count: number)
    for group in groups { sizes[group] += 1 }
    var lack = apportioned(groups.count)
    var members = fractions.map { _ in 0 }
    var part = [Int](repeating: 0, count: number)
    for (place, group) in key.folded("split").permutation(number).enumerated() {
      let empty = members.indices.filter { members[$0] == 0 }
      let open = number - place <= empty.count ? empty : Array(members.indices)
      let chosen = open.max { (lack[$0], $1) < (lack[$1], $0) } ?? 0
      part[group] = chosen
      members[chosen] += 1
      lack[chosen] -= sizes[group]
    }
    var parts = fractions.map { _ in [Int]() }
    for (row, group) in groups.enumerated() { parts[part[group]].append(row) }
    return parts
  }

  private func check(_ count: Int, _ what: String, _ stratum: String?) throws(DataError) {
    guard count < fractions.count else { return }
    let one = String(what.dropLast())
    let number =
      fractions.count == 2 ? "two" : fractions.count == 3 ? "three" : "\(fractions.count)"
    throw DataError(
      name,
      "\(stratum.map { "\($0) has" } ?? "there are") only \(count) \(count == 1 ? one : what), "
        + "too few for \(number) parts")
  }

  /// Whole numbers with a given sum, near to fractions of it, none 0 unless there are fewer samples
  /// than parts.
  ///
  /// Largest remainder: each gets the whole part of its share, and what is left goes to the largest
  /// remainders, the first of equals. Then a part with nothing takes one from the largest.
  func apportioned(_ count: Int) -> [Int] {
    let shares = fractions.map { $0 * Double(count) }
    // A share such as 2.9999999996 is 3 but for rounding.
    var quotas = shares.map { Int(($0 + 1e-9).rounded(.down)) }
    let remainders = zip(shares, quotas).map { $0 - Double($1) }
    let order = fractions.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
    for part in order.prefix(max(0, count - quotas.reduce(0, +))) { quotas[part] += 1 }
    guard count >= fractions.count else { return quotas }
    for part in quotas.indices where quotas[part] == 0 {
      guard let largest = quotas.indices.max(by: { quotas[$0] < quotas[$1] }) else { break }
      quotas[largest] -= 1
      quotas[part] = 1
    }
    return quotas
  }
}
