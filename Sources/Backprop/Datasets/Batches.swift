public import BackpropCore

/// Some samples of a data set, named by their place in an order that all batches of an epoch share.
///
/// Nothing is copied: the samples are put together, and scaled, where they are used.
public struct Batch: Sendable {
  /// Where the samples are.
  public let dataset: Dataset
  /// The order of all samples in this epoch.
  public let order: [Int32]
  /// Which places of the order this batch has.
  public let range: Range<Int>

  /// Makes a batch of the samples `order[range]`.
  ///
  /// A range beyond the order, or an index beyond the data, is a programmer's mistake; indices are
  /// checked when the samples are used.
  public init(dataset: Dataset, order: [Int32], range: Range<Int>) {
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= order.count,
      "places \(range) of an order of \(order.count)")
    self.dataset = dataset
    self.order = order
    self.range = range
  }

  /// The number of samples.
  public var count: Int { range.count }

  /// The indices of the samples within ``dataset``.
  public var indices: ArraySlice<Int32> { order[range] }

  /// Copies of the samples as a data set of their own.
  public func samples() -> Dataset { dataset.selecting(indices.map { Int($0) }) }
}

/// The batches of one epoch, in order: made by ``Dataset/batches(of:key:epoch:)``.
///
/// Iterating allocates nothing; the order was made once.
public struct Batches: RandomAccessCollection, Sendable {
  /// Where the samples are.
  public let dataset: Dataset
  /// The order of all samples in this epoch.
  public let order: [Int32]
  /// The number of samples of a batch; the last may have fewer.
  public let size: Int

  /// 0, the first batch.
  public var startIndex: Int { 0 }
  /// The number of batches.
  public var endIndex: Int { (order.count - 1) / size + 1 }

  /// One batch, from 0; another index is a programmer's mistake.
  public subscript(index: Int) -> Batch {
    precondition(indices.contains(index), "batch \(index) of \(count)")
    let start = index * size
    return Batch(
      dataset: dataset, order: order, range: start..<(start + Swift.min(size, order.count - start)))
  }
}

extension Dataset {
  /// The samples of one epoch in batches.
  ///
  /// The order is that of `key.folded("shuffle").folded(epoch)`, so it depends on nothing but the
  /// key and the epoch.
  ///
  /// - Parameters:
  ///   - size: samples a batch, 1 or more (anything else is a programmer's mistake); the last batch
  ///     has what is left.
  ///   - key: what to shuffle by; nil keeps the samples in their own order.
  ///   - epoch: the number of the epoch, from 0.
  public func batches(of size: Int, key: RandomKey? = nil, epoch: Int = 0) -> Batches {
    precondition(size >= 1, "a batch cannot have \(size) samples")
    var order = Array(0..<Int32(count))
    key?.folded("shuffle").folded(UInt64(bitPattern: Int64(epoch))).shuffle(&order)
    return Batches(dataset: self, order: order, size: size)
  }
}
