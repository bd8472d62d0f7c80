import BackpropCore

extension DataSplit {
  /// MNIST: 70,000 handwritten digits of 28 × 28 pixels, 0...255.
  ///
  /// Training is the first 50,000 of the 60,000 training images, validation the last 10,000, test
  /// the t10k files. Inputs are uint8 [n, 784] with the scaling `.unit(255)` recorded.
  ///
  /// - Parameter directory: where the four IDX files are (their usual names, plain or with .gz),
  ///   there or in its folder `mnist`; without it, what the environment variable BACKPROP_DATA
  ///   says.
  /// - Throws: ``FileError`` if a file is missing, ``FormatError`` if one is damaged or does not
  ///   fit the others.
  /// - Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"; commonly
  ///   passed on as CC BY-SA 3.0.
  public static func mnist(directory: String? = nil) throws -> DataSplit {
    try MNISTFiles.digits.read(directory)
  }

  /// Fashion-MNIST: 70,000 images of clothing, 28 × 28 pixels, 0...255, in ten classes.
  ///
  /// The parts and the files are those of ``mnist(directory:)``; the folder is `fashion-mnist`.
  ///
  /// - Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
  ///   Benchmarking Machine Learning Algorithms" (2017); MIT licence, © 2017 Zalando SE.
  public static func fashionMNIST(directory: String? = nil) throws -> DataSplit {
    try MNISTFiles.fashion.read(directory)
  }
}

extension Dataset {
  /// The test part of ``DataSplit/mnist(directory:)``, without reading the rest.
  package static func mnistTest(directory: String?) throws -> Dataset {
    try MNISTFiles.digits.test(directory)
  }

  /// The test part of ``DataSplit/fashionMNIST(directory:)``, without reading the rest.
  package static func fashionMNISTTest(directory: String?) throws -> Dataset {
    try MNISTFiles.fashion.test(directory)
  }
}

/// Four IDX files: images and labels for training and test.
private struct MNISTFiles {
  let name: String
  let title: String
  let classNames: [String]

  static let digits = MNISTFiles(
    name: "mnist", title: "MNIST", classNames: (0..<10).map(String.init))
  static let fashion = MNISTFiles(
    name: "fashion-mnist", title: "Fashion-MNIST",
    classNames: [
      "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
      "ankle boot",
    ])

  func read(_ directory: String?) throws -> DataSplit {
    let training = try data("train", count: 60_000, folder(directory))
    return try DataSplit(
      training: training[0..<50_000], validation: training[50_000..<60_000], test: test(directory))
  }

  func test(_ directory: String?) throws -> Dataset {
    try data("t10k", count: 10_000, folder(directory))
  }

  private func folder(_ directory: String?) throws -> String {
    guard let directory = directory ?? FileIO.environment("BACKPROP_DATA") else {
      throw FileError("find", title, "no folder was given; \(Self.hint)")
    }
    return directory
  }

  private func data(_ part: String, count: Int, _ directory: String) throws -> Dataset {
    let imagesPath = try path("\(part)-images-idx3-ubyte", directory)
    let labelsPath = try path("\(part)-labels-idx1-ubyte", directory)
    let images = try IDX.read(imagesPath)
    try check(images, imagesPath, "\(count) images", [count, 28, 28])
    let labels = try IDX.read(labelsPath)
    try check(labels, labelsPath, "\(count) labels, one for each image", [count])
    return try Dataset(
      name: name, inputs: images.reshaped(to: [count, 784]), targets: labels.converted(to: .int32),
      classNames: classNames, scaling: .unit(255))
  }

  private func check(_ tensor: Tensor, _ path: String, _ what: String, _ shape: Shape) throws {
    guard tensor.shape == shape, tensor.scalarType == .uint8 else {
      throw FormatError(
        path, .byte(4), expected: "\(what): uint8 \(shape)",
        found: "\(tensor.scalarType) \(tensor.shape)")
    }
  }

  /// The path of a file, there or in the folder of this data set, plain or packed.
  private func path(_ file: String, _ directory: String) throws -> String {
    guard FileIO.isFolder(directory) else {
      throw FileError("find", title, "there is no folder \(directory); \(Self.hint)")
    }
    for folder in [directory, "\(directory)/\(name)"] {
      for path in ["\(folder)/\(file)", "\(folder)/\(file).gz"] where FileIO.exists(path) {
        return path
      }
    }
    throw FileError(
      "find", title,
      "neither \(file) nor \(file).gz is in \(directory) or \(directory)/\(name); \(Self.hint)")
  }

  private static let hint = "pass --data-dir or set BACKPROP_DATA"
}
