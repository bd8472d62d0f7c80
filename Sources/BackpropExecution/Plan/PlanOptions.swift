/// An instruction set of the kernels.
///
/// ``portable``, ``avx2`` and ``avx512`` give the same bits. ``amx`` gives others, closer to the exact result, in large
/// float32 products, and the same everywhere else.
public enum KernelPath: String, Hashable, Sendable, CaseIterable {
  /// Plain vectors of the compiler: SSE2 on x86-64 (right, not fast), NEON on arm64.
  case portable
  /// AVX2 with FMA.
  case avx2
  /// AVX-512 (F, BW, VL, DQ).
  case avx512
  /// AVX-512, and AMX for float32 products of a million multiplications or more: each number is split in three bfloat16,
  /// six products of these make one of float32.
  case amx

  /// The environment variable that forces a path, by name.
  public static let variable = "BACKPROP_KERNELS"
}

/// How a plan is made and run. The defaults are right for everybody but tests and benchmarks.
public struct PlanOptions: Hashable, Sendable {
  /// The instruction set; the best of this CPU unless forced.
  public var path: KernelPath = .current
  /// Whether pointwise chains share passes over memory, products start at their bias, and a multiplication and an
  /// addition are one operation; the last two round once where the parts round twice.
  public var fuses = true
  /// Elements of a strip that pointwise code works on: it should stay in the first-level cache. Sums over rows run in
  /// blocks of a strip, so another strip rounds them otherwise; nothing else depends on it.
  public var strip = 1024
  /// Work (roughly: floating-point operations) below which an instruction stays on one thread.
  public var serialThreshold = 2_000_000
  /// Whether the factors of float32 matrix products are rounded to bfloat16 (8 bits) first; sums stay float32, and so does
  /// everything else. On AMX that is some three times as fast; other paths round the same way, without gain in time.
  /// An element's error is at most about 2⁻⁸ of the sum of its products' magnitudes.
  public var roundsFactors = false
  /// Whether denormal numbers count as 0 in float32 plans. Float64 plans always keep them.
  public var flushesDenormals = true

  /// The defaults.
  public init() {}
}
