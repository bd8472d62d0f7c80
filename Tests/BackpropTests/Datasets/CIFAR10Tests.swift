import Testing

@testable import Backprop

@Suite struct CIFAR10Tests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A record whose pixel p of channel c is p + 7·c, modulo 256.
  private func record(_ label: UInt8) -> [UInt8] {
    var bytes = [label]
    for channel in 0..<3 {
      for pixel in 0..<1024 { bytes.append(UInt8((pixel + 7 * channel) % 256)) }
    }
    return bytes
  }

  @Test func turnsPlanesIntoPixels() throws {
    let first = try folder.file("a.bin", record(3) + record(9))
    let second = try folder.file("b.bin", record(0))
    let data = try Dataset.cifar10(contentsOf: [first, second])
    #expect(data.count == 3 && data.featureShape == [32, 32, 3] && data.classCount == 10)
    let inputs = data.inputFloats()
    let start: [Float] = [0, 7, 14, 1, 8, 15]
    #expect(Array(inputs[0..<6]) == start)
    let last = 3 * 3072 - 3
    #expect(inputs[last] == 255)
    #expect(inputs[last + 2] == 13)
  }

  @Test(arguments: [
    ([] as [UInt8], "0 bytes after 0 records"), ([1, 2, 3], "3 bytes after 0 records"),
    ([UInt8](repeating: 1, count: 3074), "1 bytes after 1 records"),
    ([UInt8](repeating: 10, count: 3073), "a class from 0 to 9"),
  ]) func damagedFilesAreNamed(_ bytes: [UInt8], _ words: String) throws {
    let path = try folder.file("c.bin", bytes)
    let error = #expect(throws: FormatError.self) { try Dataset.cifar10(contentsOf: [path]) }
    #expect("\(error!)".contains(words) && "\(error!)".contains("c.bin"), "\(error!)")
  }

  @Test(.enabled(if: SharedData.isThere, "the folder of real data is not there"))
  func readsTheStoredPart() throws {
    let file = "\(SharedData.path!)/cifar10-subset/cifar10-test-first1000.bin.gz"
    #expect(try Dataset.cifar10(contentsOf: [file]).count == 1000)
  }
}
