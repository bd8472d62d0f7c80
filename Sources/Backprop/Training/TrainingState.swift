public import BackpropCore
import BackpropExecution
import CBackpropKernels

/// Everything that a training step changes: parameters, variables, optimiser slots, and the number of the step.
///
/// A state is a value in one aligned buffer. A copy shares the buffer until one of the two is changed.
public struct TrainingState: Sendable {
  /// The number of steps taken.
  public package(set) var step = 0
  /// The key that dropout and the like draw from.
  public let key: RandomKey
  let layout: StateLayout
  private var storage: Storage

  init(layout: StateLayout, key: RandomKey) {
    (self.layout, self.key) = (layout, key)
    storage = Storage(byteCount: layout.byteCount)
  }

  /// The paths of all arrays: parameters first, then variables, then the optimiser's slots (`hidden.weight#velocity`).
  public var paths: [String] { layout.entries.map(\.path) }

  /// The array of a path; nil if there is none.
  public subscript(path: String) -> Tensor? {
    layout[path].map { entry in
      var copy = Tensor(zeros: entry.shape, scalarType: layout.scalarType)
      copy.withMutableBytes {
        $0.copyMemory(
          from: UnsafeRawBufferPointer(start: storage.address + entry.byteOffset, count: $0.count))
      }
      return copy
    }
  }

  /// The array of a path, in the state's own memory: whoever writes to the state meanwhile copies it.
  func view(_ path: String) -> Tensor? {
    layout[path].map { entry in
      Tensor(
        shape: entry.shape, scalarType: layout.scalarType, storage: storage,
        byteOffset: entry.byteOffset)
    }
  }

  /// Takes the numbers of another state of the same layout, into memory that is already there.
  mutating func assign(_ other: TrainingState) {
    step = other.step
    if isKnownUniquelyReferenced(&storage), storage.byteCount == other.storage.byteCount {
      storage.address.copyMemory(from: other.storage.address, byteCount: storage.byteCount)
    } else {
      storage = Storage(copying: other.storage)
    }
  }

  /// Whether all numbers are finite: parameters, variables and slots.
  var isFinite: Bool {
    let type = layout.scalarType == .float64 ? BP_SOURCE_FLOAT64 : BP_SOURCE_FLOAT32
    return layout.entries.allSatisfy { entry in
      bp_first_not_finite(type, storage.address + entry.byteOffset, Int64(entry.shape.count)) < 0
    }
  }

  /// Replaces the array of a path.
  ///
  /// - Throws: `ShapeError` if there is no such array, or it has another shape.
  public mutating func set(_ path: String, to tensor: Tensor) throws {
    guard let entry = layout[path] else {
      throw ShapeError("state", path: path, "there is no such array")
    }
    guard entry.shape == tensor.shape else {
      throw ShapeError(
        "state", [entry.shape, tensor.shape], path: path, "the array has the first shape")
    }
    let numbers = tensor.converted(to: layout.scalarType)
    withStorage { storage in
      numbers.withBytes {
        if let base = $0.baseAddress {
          (storage.address + entry.byteOffset).copyMemory(from: base, byteCount: $0.count)
        }
      }
    }
  }

  /// Replaces elements of the array of a path, from a place in row-major order on. There must be so many.
  mutating func write(_ numbers: [Double], to path: String, at start: Int) {
    guard let entry = layout[path] else { return }
    precondition(start + numbers.count <= entry.shape.count, "elements outside of \(path)")
    let isDouble = layout.scalarType == .float64
    withStorage { storage in
      let address = storage.address + entry.byteOffset
      for (index, number) in numbers.enumerated() {
        let place = start + index
        if isDouble {
          address.storeBytes(of: number, toByteOffset: 8 * place, as: Double.self)
        } else {
          address.storeBytes(of: Float(number), toByteOffset: 4 * place, as: Float.self)
        }
      }
    }
  }

  /// The buffer, to be written to: copied first if another state shares it.
  mutating func withStorage<R>(_ body: (Storage) throws -> R) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
    return try body(storage)
  }

  /// The buffer, only to be read.
  var readableStorage: Storage { storage }
}

extension TrainingState: Equatable {
  /// Whether two states are equal to the bit: all arrays, the key and the step.
  public static func == (a: TrainingState, b: TrainingState) -> Bool {
    guard a.step == b.step, a.key == b.key, a.paths == b.paths else { return false }
    if a.storage === b.storage { return true }
    return a.layout.entries.allSatisfy { entry in
      let size = entry.shape.count * a.layout.scalarType.size
      let (x, y) = (a.storage.address + entry.byteOffset, b.storage.address + entry.byteOffset)
      return (0..<size).allSatisfy {
        x.load(fromByteOffset: $0, as: UInt8.self) == y.load(fromByteOffset: $0, as: UInt8.self)
      }
    }
  }
}
