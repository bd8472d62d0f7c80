@testable import Backprop
import BackpropCore

/// The readers of arrays. What one of them reads is written and read again, and goes into a data set.
enum ArrayReaders {
  /// No array of a small input may be larger than this.
  private static let sizeLimit = 1 << 24

  static func idx(_ bytes: [UInt8]) throws {
    let tensor = try IDX.decode(bytes, name: FuzzTarget.file, sizeLimit: sizeLimit)
    guard tensor.shape.count > 0 else { return }
    let targets = Tensor([Int32](repeating: 0, count: tensor.shape[0]))
    try use(Dataset(name: FuzzTarget.file, inputs: tensor, targets: targets))
    guard tensor.scalarType != .float32 else { return }
    try use(
      Dataset(name: FuzzTarget.file, inputs: tensor, targets: tensor.converted(to: .int32)))
  }

  static func gzip(_ bytes: [UInt8]) throws {
    if bytes.count > 2 {
      let count = Int(bytes[0]) | Int(bytes[1]) << 8
      if let content = try? Inflate.unpack(bytes.dropFirst(2), count: count) {
        require(content.count == count, "\(content.count) bytes in place of \(count)")
      }
    }
    var whole: [UInt8] = []
    var pieces: [UInt8] = []
    let problem = attempt { whole = try GzipReader(bytes, name: FuzzTarget.file).read(1 << 22) }
    let other = attempt {
      let reader = GzipReader(bytes, name: FuzzTarget.file)
      while pieces.count < 1 << 22 {
        let piece = try reader.read(min(1000, 1 << 22 - pieces.count))
        if piece.isEmpty { break }
        pieces += piece
      }
    }
    require((problem == nil) == (other == nil), "\(problem ?? "-") and \(other ?? "-")")
    require(problem != nil || whole == pieces, "a content that depends on pieces")
  }

  static func npy(_ bytes: [UInt8]) throws {
    let tensor = try NPY.decode(bytes, name: FuzzTarget.file)
    let again = try NPY.decode(NPY.encode(tensor), name: FuzzTarget.file)
    require(same(tensor, again), "an array that does not come back")
    for kind in [nil, .classes, .values] as [ArrayTargets?] {
      attempt {
        try use(Dataset(arrays: tensor, tensor, name: FuzzTarget.file, kind, nil))
      }
    }
  }

  static func npz(_ bytes: [UInt8]) throws {
    let arrays = try NPZ.decode(bytes, name: FuzzTarget.file, sizeLimit: sizeLimit)
    let file = try NPZ.encode(arrays, name: FuzzTarget.file)
    let again = try NPZ.decode(file, name: FuzzTarget.file, sizeLimit: 2 * sizeLimit)
    require(same(arrays, again), "arrays that do not come back")
    try use(Dataset(arrays: arrays, file: FuzzTarget.file))
  }

  static func safetensors(_ bytes: [UInt8]) throws {
    let (tensors, metadata) = try Safetensors.decode(bytes, name: FuzzTarget.file)
    let file = Safetensors.encode(tensors, metadata: metadata)
    let again = try Safetensors.decode(file, name: FuzzTarget.file)
    require(
      same(tensors, again.tensors) && metadata == again.metadata, "tensors that do not come back")
  }

  /// What happens to a data set before it is learnt from.
  private static func use(_ data: Dataset) throws {
    _ = try data.scaled(by: .standard(fittedTo: data)).scaledInputs()
    attempt { _ = try data.split(key: RandomKey(1)) }
    attempt { _ = try data.balanced() }
    _ = data.selecting([0])
  }

  private static func same(_ a: [String: Tensor], _ b: [String: Tensor]) -> Bool {
    a.count == b.count && a.allSatisfy { name, tensor in b[name].map { same($0, tensor) } ?? false }
  }

  /// Whether two arrays are equal to the bit.
  private static func same(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape == b.shape && a.scalarType == b.scalarType
      && a.withBytes { a in b.withBytes { b in a.elementsEqual(b) } }
  }
}
