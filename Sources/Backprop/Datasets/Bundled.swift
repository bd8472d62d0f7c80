import BackpropCore

extension Dataset {
  /// Handwritten digits: 1,797 images of 8 × 8 pixels, 0...16, in ten classes. Part of the binary.
  ///
  /// Inputs are uint8 [1797, 64], row by row, with the scaling `.unit(16)` recorded.
  ///
  /// - Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
  ///   Learning Repository (1998), its test part, as passed on by scikit-learn 1.9.1 under the
  ///   BSD-3-Clause licence.
  public static func digits() throws -> Dataset {
    let (pixels, classes) = records(EmbeddedData.digits(), features: 64)
    return try Dataset(
      name: "digits", inputs: Tensor(pixels, shape: [classes.count, 64]), targets: Tensor(classes),
      classNames: (0..<10).map(String.init), scaling: .unit(16))
  }

  /// Iris flowers: 150 flowers of three kinds, with four lengths in centimetres. Part of the
  /// binary.
  ///
  /// Inputs are float32 [150, 4]: length and width of the sepal, length and width of the petal. No
  /// scaling is recorded: fit one to the training part.
  ///
  /// - Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
  ///   Eugenics 7 (1936), UCI Machine Learning Repository, as passed on by scikit-learn 1.9.1 under
  ///   the BSD-3-Clause licence.
  public static func iris() throws -> Dataset {
    let (millimetres, classes) = records(EmbeddedData.iris(), features: 4)
    return try Dataset(
      name: "iris",
      inputs: Tensor(millimetres.map { Float($0) / 10 }, shape: [classes.count, 4]),
      targets: Tensor(classes), classNames: ["setosa", "versicolor", "virginica"])
  }

  /// Splits records of `features` bytes and one class.
  private static func records(
    _ bytes: [UInt8], features: Int
  ) -> (inputs: [UInt8], classes: [Int32]) {
    var inputs: [UInt8] = [], classes: [Int32] = []
    inputs.reserveCapacity(bytes.count)
    for start in stride(from: 0, to: bytes.count, by: features + 1) {
      inputs += bytes[start..<(start + features)]
      classes.append(Int32(bytes[start + features]))
    }
    return (inputs, classes)
  }
}

extension DataSplit {
  /// Exclusive or: the four pairs of 0 and 1, class 1 where they differ. All three parts are the
  /// same four samples.
  ///
  /// Inputs are float32 [4, 2], targets classes "0" and "1".
  public static func xor() throws -> DataSplit {
    let data = try Dataset(
      name: "xor", inputs: Tensor([0, 0, 0, 1, 1, 0, 1, 1] as [Float], shape: [4, 2]),
      targets: Tensor([0, 1, 1, 0] as [Int32]), classNames: ["0", "1"])
    return try DataSplit(training: data, validation: data, test: data)
  }
}
