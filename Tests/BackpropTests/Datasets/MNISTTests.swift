import Testing

import Backprop
import BackpropCore

@Suite struct MNISTTests {
  @Test(.enabled(if: SharedData.isThere, "no data: set BACKPROP_DATA"))
  func readsMNIST() throws {
    let mnist = try DataSplit.mnist(directory: SharedData.path)
    #expect(mnist.training.count == 50_000)
    #expect(mnist.validation.count == 10_000)
    #expect(mnist.test.count == 10_000)
    #expect(mnist.training.inputs.shape == [50_000, 784])
    #expect(mnist.training.inputs.scalarType == .uint8)
    #expect(mnist.training.scaling == .unit(255))
    #expect(mnist.training[0..<8].targets == Tensor([5, 0, 4, 1, 9, 2, 1, 3] as [Int32]))
    #expect(mnist.validation[0..<5].targets == Tensor([3, 8, 6, 9, 6] as [Int32]))
    #expect(mnist.test[0..<8].targets == Tensor([7, 2, 1, 0, 4, 1, 4, 9] as [Int32]))
    // The first training image: its well-known mean brightness.
    #expect(mnist.training[0..<1].inputs.array(of: Double.self).reduce(0, +) == 27_525)
  }

  @Test(.enabled(if: SharedData.isThere, "no data: set BACKPROP_DATA"))
  func readsFashionMNIST() throws {
    let folder = try #require(SharedData.path) + "/fashion-mnist"
    let fashion = try DataSplit.fashionMNIST(directory: folder)
    #expect(fashion.test.count == 10_000)
    #expect(fashion.training.classNames?.first == "T-shirt/top")
    #expect(fashion.training[0..<4].targets == Tensor([9, 0, 0, 3] as [Int32]))
  }

  @Test func saysWhatIsMissing() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    #expect(
      message { _ = try DataSplit.mnist(directory: path + "/none") }
        == "cannot find MNIST: there is no folder \(path)/none; pass --data-dir or set BACKPROP_DATA"
    )
    #expect(
      message { _ = try DataSplit.fashionMNIST(directory: path) }
        == "cannot find Fashion-MNIST: neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz is in "
        + "\(path) or \(path)/fashion-mnist; pass --data-dir or set BACKPROP_DATA")
  }

  @Test func saysWhichFileIsWrong() throws {
    let folder = try TemporaryFolder()
    let images = try folder.file(
      "train-images-idx3-ubyte", [0, 0, 8, 3] + [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] + [9])
    try folder.file("train-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 1, 9])
    #expect(
      message { _ = try DataSplit.mnist(directory: folder.path) }
        == "\(images): byte 4: expected 60000 images: uint8 [60000, 28, 28], found uint8 [1, 1, 1]")
  }

  @Test func countsMustBeEqual() throws {
    let folder = try TemporaryFolder()
    let count: [UInt8] = [0, 0, 0xea, 0x60], side: [UInt8] = [0, 0, 0, 28]
    try folder.file(
      "train-images-idx3-ubyte",
      [0, 0, 8, 3] + count + side + side + [UInt8](repeating: 0, count: 60_000 * 784))
    let labels = try folder.file("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 1, 2])
    #expect(
      message { _ = try DataSplit.mnist(directory: folder.path) }
        == "\(labels): byte 4: expected 60000 labels, one for each image: uint8 [60000], found uint8 [2]"
    )
  }
}
