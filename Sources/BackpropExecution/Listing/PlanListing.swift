/// What a plan does, as values: every instruction with its shape, arithmetic and memory, and what
/// the whole takes.
///
/// Counts are of one run of the plan. A byte that an instruction touches counts once for it, however
/// often its loops come back to it: that is what must come from memory, or go there, at least.
public struct PlanListing: Sendable {
  /// The instructions in the order in which they run.
  public let instructions: [Instruction]
  /// The size of the arena in bytes.
  public let arenaByteCount: Int
  /// What the arena would take if no two values shared memory, in bytes.
  public let unsharedByteCount: Int
  /// The size of the state, in bytes: parameters, variables and the optimiser's arrays.
  public let stateByteCount: Int
  /// The constants, in bytes.
  public let constantByteCount: Int
  /// Run-time scalars and random keys, in bytes.
  public let scalarByteCount: Int
  /// Scratch of one thread, in bytes: virtual registers and packed operands.
  public let scratchByteCount: Int
  /// The bound inputs, in bytes: one batch.
  public let inputByteCount: Int

  /// Floating-point operations of a run, as ``Instruction/flops`` counts them.
  public var flops: Int { instructions.reduce(0) { $0 + $1.flops } }
  /// Bytes that the instructions of a run read, added up.
  public var bytesRead: Int { instructions.reduce(0) { $0 + $1.bytesRead } }
  /// Bytes that the instructions of a run write, added up.
  public var bytesWritten: Int { instructions.reduce(0) { $0 + $1.bytesWritten } }
}

extension PlanListing {
  /// One entry of a plan's table.
  public struct Instruction: Sendable {
    /// Its number in the plan, from 1.
    public let number: Int
    /// Which family of kernels runs it.
    public let kernel: Kernel
    /// What it runs over.
    public let size: Size
    /// The words of pointwise code, in order; empty for other kernels.
    public let words: [String]
    /// What it reads, each piece of memory once; of a product: left, right, start.
    public let reads: [Piece]
    /// What it leaves behind.
    public let writes: [Piece]
    /// Floating-point operations: 2mnk of a product; of pointwise code the arithmetic that the
    /// kernel of each word does for one element (a division is one, an exponential about 20).
    public let flops: Int
    /// The products of bfloat16 tiles that AMX makes of the matrix product: 6 in float32, 1 in bfloat16;
    /// 0 without AMX, and where the product is too small to repay it.
    public let tileProducts: Int
    /// The independent tasks that its shape cuts it into.
    public let taskCount: Int
    /// Whether it is large enough for the threads of a workspace to share its tasks.
    public let isParallel: Bool

    /// Bytes that it reads.
    public var bytesRead: Int { reads.reduce(0) { $0 + $1.byteCount } }
    /// Bytes that it writes.
    public var bytesWritten: Int { writes.reduce(0) { $0 + $1.byteCount } }
    /// The distinct bytes that it touches: what it changes in place counts once.
    public var workingSet: Int {
      let inPlace = reads.filter { read in
        writes.contains {
          $0.memory == read.memory && $0.byteOffset == read.byteOffset && $0.memory != .input
        }
      }
      return bytesRead + bytesWritten - inPlace.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// A family of kernels.
  public enum Kernel: String, Hashable, Sendable, CaseIterable {
    /// Pointwise code and reductions over rows × columns.
    case map
    /// Matrix products.
    case gemm
    /// A matrix product and pointwise code that finishes it, region by region.
    case fused
    /// Windows that slide over images: padding, pooling, unfolding and folding, a product folded at once.
    case window
    /// Elements moved by strides.
    case copy
    /// Rows of a table by index.
    case gather
    /// Rows added up by index.
    case scatterAdd = "scatter-add"
    /// A kernel that the listing does not know by name.
    case other
  }

  /// What an instruction runs over.
  public enum Size: Hashable, Sendable {
    /// The domain of a map, or the rows that are gathered or added, with their width.
    case domain(rows: Int, columns: Int)
    /// C [m, n] = A [m, k] · B [k, n], `count` products in a row; an operand that is stored the other
    /// way round is transposed.
    case product(m: Int, n: Int, k: Int, transposesA: Bool, transposesB: Bool, count: Int)
    /// The sizes of what is copied.
    case sizes([Int])
  }

  /// A piece of memory.
  public struct Piece: Hashable, Sendable {
    /// Where it is.
    public let memory: Memory
    /// The path of an array of the state, the name of an input, scalar or key, the number of a
    /// constant; of the arena `#n`, where n is the number of the instruction that wrote it.
    public let name: String
    /// Bytes from the start of that memory.
    public let byteOffset: Int
    /// Bytes that are touched.
    public let byteCount: Int
  }

  /// The kinds of memory of a run.
  public enum Memory: String, Hashable, Sendable, CaseIterable {
    /// Intermediate values.
    case arena
    /// Parameters, variables, arrays of the optimiser.
    case state
    /// Constants of the plan.
    case constants
    /// Run-time scalars and random keys.
    case scalars
    /// What is bound before a run.
    case input
    /// Memory of another kind.
    case other
  }
}

extension PlanListing.Instruction {
  /// The words in short: runs of one word are counted, as in `multiply ×2, add`.
  public var code: String {
    var runs: [(word: String, count: Int)] = []
    for word in words {
      if runs.last?.word == word { runs[runs.count - 1].count += 1 } else { runs.append((word, 1)) }
    }
    return runs.map { $0.count == 1 ? $0.word : "\($0.word) ×\($0.count)" }.joined(separator: ", ")
  }

  /// What it computes, in a line: a formula of a product, the code of a map and what
  /// it reads, the source of a move.
  public var summary: String {
    switch (kernel, size) {
    case (_, .product(_, _, _, let transposesA, let transposesB, _)) where reads.count >= 2:
      let product =
        reads[0].name + (transposesA ? "ᵀ" : "") + " · " + reads[1].name + (transposesB ? "ᵀ" : "")
      if kernel == .gemm { return product + (reads.count > 2 ? " + \(reads[2].name)" : "") }
      let others = reads.dropFirst(2).map(\.name)
      return product + ": " + code + (others.isEmpty ? "" : " of " + others.joined(separator: ", "))
    case (.map, _): return code + (sources.isEmpty ? "" : " of " + sources)
    default: return "of " + sources
    }
  }

  /// The names of the arrays it reads, without those it changes in place, and without constants and
  /// scalars.
  private var sources: String {
    var names: [String] = []
    for piece in reads where [.arena, .state, .input].contains(piece.memory) {
      let isInPlace = writes.contains { $0.memory == .state && $0.name == piece.name }
      if !isInPlace, !names.contains(piece.name) { names.append(piece.name) }
    }
    return names.joined(separator: ", ")
  }
}

extension PlanListing.Size: CustomStringConvertible {
  public var description: String {
    switch self {
    case .domain(let rows, let columns): "\(rows)×\(columns)"
    case .product(let m, let n, let k, let transposesA, let transposesB, let count):
      "\(m)×\(n)×\(k)" + (transposesA ? " Aᵀ" : "") + (transposesB ? " Bᵀ" : "")
        + (count > 1 ? " · \(count)" : "")
    case .sizes(let sizes): sizes.map(String.init).joined(separator: "×")
    }
  }
}
