extension Tensor {
  /// A tensor with the given bytes, in the machine's byte order.
  ///
  /// The count must fit the shape, and the bytes of booleans must be 0 or 1; readers of files check
  /// both first.
  package init(bytes: ArraySlice<UInt8>, shape: Shape, scalarType: ScalarType) {
    precondition(
      bytes.count == shape.count * scalarType.size, "\(bytes.count) bytes cannot fill \(shape)")
    self.init(zeros: shape, scalarType: scalarType)
    withMutableBytes { $0.copyBytes(from: bytes) }
  }

  /// The bytes of one row: of everything that shares an index of the first axis.
  private var rowSize: Int { shape.sizes.dropFirst().reduce(scalarType.size, *) }

  /// Neighbouring rows, which share this tensor's memory: nothing is copied.
  package func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "rows \(range) of \(shape)")
    return Tensor(
      shape: Shape([range.count] + shape.sizes.dropFirst()), scalarType: scalarType,
      storage: storage,
      byteOffset: byteOffset + range.lowerBound * rowSize)
  }

  /// Copies of rows, in the order of the indices.
  package func rows(_ indices: some Collection<Int>) -> Tensor {
    precondition(shape.rank > 0, "a scalar has no rows")
    var result = Tensor(
      zeros: Shape([indices.count] + shape.sizes.dropFirst()), scalarType: scalarType)
    let size = rowSize, count = shape[0]
    withBytes { source in
      result.withMutableBytes { target in
        for (place, index) in indices.enumerated() {
          precondition((0..<count).contains(index), "row \(index) of \(count)")
          let row = UnsafeRawBufferPointer(rebasing: source[(index * size)..<((index + 1) * size)])
          UnsafeMutableRawBufferPointer(rebasing: target[(place * size)..<((place + 1) * size)])
            .copyMemory(from: row)
        }
      }
    }
    return result
  }
}
