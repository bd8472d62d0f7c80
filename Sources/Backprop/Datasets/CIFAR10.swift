public import BackpropCore

extension Dataset {
  /// CIFAR-10: colour images of 32 × 32 pixels, 0...255, in ten classes, from files in its binary format.
  ///
  /// A file holds records of 3,073 bytes, plain or packed with gzip: the class, then 1,024 bytes each of red, green and
  /// blue, row by row. The images become uint8 [n, 32, 32, 3], channels last, with the scaling `.unit(255)` recorded.
  ///
  /// - Parameter paths: the files, in the order of the samples.
  /// - Throws: ``FileError`` if a file cannot be read, ``FormatError`` if it is damaged or too large, ``DataError``
  ///   without files.
  /// - Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
  public static func cifar10(contentsOf paths: [String]) throws -> Dataset {
    var (pixels, classes): ([UInt8], [Int32]) = ([], [])
    for path in paths {
      try CIFAR10.read(FileIO.read(path), name: path, &pixels, &classes)
    }
    return try Dataset(
      name: "cifar-10", inputs: Tensor(pixels, shape: [classes.count, 32, 32, 3]),
      targets: Tensor(classes, shape: [classes.count]), classNames: CIFAR10.classNames,
      scaling: .unit(255))
  }
}

/// The records of CIFAR-10's files.
enum CIFAR10 {
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  private static let plane = 1024
  /// Records that a file may have, unpacked: ten times as many as any has.
  private static let most = 100_000

  /// Adds the records of a file.
  static func read(
    _ bytes: [UInt8], name: String, _ pixels: inout [UInt8], _ classes: inout [Int32]
  ) throws(FormatError) {
    var content = ContentReader(bytes, name: name)
    let size = 1 + 3 * plane
    for number in 0... {
      let start = content.offset
      let record = Array(try content.read(size))
      if record.isEmpty, number > 0 { return }
      guard record.count == size, number < most else {
        throw FormatError(
          content.name, .byte(start),
          expected: "1 to \(most) records of \(size) bytes: class, red, green, blue",
          found: record.count < size ? "\(record.count) bytes after \(number) records" : "more")
      }
      guard record[0] < classNames.count else {
        throw FormatError(
          content.name, .byte(start), expected: "a class from 0 to \(classNames.count - 1)",
          found: "\(record[0])")
      }
      classes.append(Int32(record[0]))
      for pixel in 1...plane {
        for channel in 0..<3 { pixels.append(record[pixel + channel * plane]) }
      }
    }
  }
}
