/// A counter-based source of random numbers: the same key gives the same numbers, everywhere and in any order.
///
/// Keys are *folded* from a seed and what the numbers are for, so that adding a layer changes no other layer's start:
///
/// ```swift
/// let key = RandomKey(42).folded("initial").folded("hidden.weight")
/// let start = key.normals(784 * 30)
/// ```
///
/// The generator is Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011).
/// The exact rules for folding, normals, bounded integers and shuffles are in `Design/0002-randomness.md`.
public struct RandomKey: Hashable, Sendable {
  /// The version of the rules in this file, recorded with every run.
  public static let version = 1

  /// The two words of the Philox key.
  public let words: SIMD2<UInt32>

  /// The key of a seed.
  public init(_ seed: UInt64) {
    words = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// The key of two words.
  package init(words: SIMD2<UInt32>) { self.words = words }

  /// A key of its own for one number, such as an epoch or a step.
  public func folded(_ number: UInt64) -> RandomKey { folded(number, domain: 1) }

  /// A key of its own for one name, such as a purpose or a parameter's path.
  public func folded(_ name: String) -> RandomKey {
    // FNV-1a, 64 bits, over the UTF-8 bytes.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return folded(hash, domain: 2)
  }

  private func folded(_ number: UInt64, domain: UInt32) -> RandomKey {
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32), domain,
      0x666f_6c64)
    let block = Self.philox(counter: counter, key: words)
    return RandomKey(words: SIMD2(block[0], block[1]))
  }

  /// The `index`-th block of four random words.
  public func block(_ index: UInt64) -> SIMD4<UInt32> {
    Self.philox(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0),
      key: words)
  }

  /// Philox4x32 with ten rounds.
  public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let a = UInt64(c[0]) * 0xd251_1f53
      let b = UInt64(c[2]) * 0xcd9e_8d57
      c = SIMD4(
        UInt32(b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a))
      k = SIMD2(k[0] &+ 0x9e37_79b9, k[1] &+ 0xbb67_ae85)
    }
    return c
  }

  /// Uniform numbers in (0, 1), never 0 or 1: (52 random bits + ½) · 2⁻⁵², two words each.
  public func uniforms(_ count: Int) -> [Double] { uniforms(0..<count) }

  /// The numbers of ``uniforms(_:)-(Int)`` at a range of places.
  public func uniforms(_ range: Range<Int>) -> [Double] {
    var result = [Double](repeating: 0, count: range.count)
    var words = SIMD4<UInt32>()
    for index in range {
      if index % 2 == 0 || index == range.lowerBound { words = block(UInt64(index / 2)) }
      let low = words[2 * (index % 2)], high = words[2 * (index % 2) + 1]
      let bits = (UInt64(high) << 32 | UInt64(low)) >> 12
      result[index - range.lowerBound] = (Double(bits) + 0.5) * 0x1p-52
    }
    return result
  }

  /// Numbers from the standard normal distribution: ``uniforms(_:)-(Int)`` through the inverse of its distribution
  /// function.
  public func normals(_ count: Int) -> [Double] { normals(0..<count) }

  /// The numbers of ``normals(_:)-(Int)`` at a range of places.
  public func normals(_ range: Range<Int>) -> [Double] { uniforms(range).map(inverseNormal) }

  /// A shuffle of 0 ..< count, every order equally likely (Fisher and Yates, from the last place down).
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  /// Shuffles an array in place, in the order that ``permutation(_:)`` gives.
  public func shuffle<T>(_ array: inout [T]) {
    var stream = RandomStream(self)
    array.withUnsafeMutableBufferPointer { elements in
      for index in stride(from: elements.count - 1, to: 0, by: -1) {
        elements.swapAt(index, Int(stream.below(UInt32(index + 1))))
      }
    }
  }
}

/// The words of a key, one after the other.
public struct RandomStream: Sendable {
  private let key: RandomKey
  private var block = SIMD4<UInt32>()
  private var index: UInt64 = 0

  /// Starts at the key's first word.
  public init(_ key: RandomKey) { self.key = key }

  /// The next 32 random bits.
  public mutating func next() -> UInt32 {
    let lane = Int(index % 4)
    if lane == 0 { block = key.block(index / 4) }
    index += 1
    return block[lane]
  }

  /// A whole number in 0 ..< bound, each equally likely.
  ///
  /// Lemire, "Fast Random Integer Generation in an Interval" (2019): the high word of word × bound, drawn again while
  /// the low word is below 2³² mod bound.
  public mutating func below(_ bound: UInt32) -> UInt32 {
    precondition(bound > 0, "nothing is below 0")
    let threshold = (0 &- bound) % bound
    while true {
      let product = UInt64(next()) * UInt64(bound)
      if UInt32(truncatingIfNeeded: product) >= threshold { return UInt32(product >> 32) }
    }
  }
}
