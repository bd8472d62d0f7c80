import Testing

/// Damaged IDX files, as `train mnist` tells of them.
@Suite struct DataFileErrorTests {
  private static let images = "d/train-images-idx3-ubyte", labels = "d/train-labels-idx1-ubyte"
  private static let imagesHeader: [UInt8] = [
    0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28,
  ]

  private func expect(_ message: String, _ place: Workplace) throws {
    let before = place.contents
    let run = try place.run(["train", "mnist", "--data-dir", "d"])
    #expect(run.errors == "backprop: error: \(message)\n")
    #expect(run.code == 1)
    #expect(run.output == "")
    #expect(place.contents == before)
  }

  @Test func noFolder() throws {
    try expect(
      "cannot find MNIST: there is no folder d; pass --data-dir or set BACKPROP_DATA", Workplace())
  }

  @Test func missingFile() throws {
    let place = try Workplace()
    try place.write(Self.images, Self.imagesHeader, size: 16 + 47_040_000)
    try expect(
      "cannot find MNIST: neither train-labels-idx1-ubyte nor train-labels-idx1-ubyte.gz is in d "
        + "or d/mnist; "
        + "pass --data-dir or set BACKPROP_DATA", place)
  }

  @Test func wrongMagicNumber() throws {
    let place = try Workplace()
    try place.write(Self.images, [0x89, 0x50, 0x4e, 0x47])
    try place.write(Self.labels, [])
    try expect(
      "\(Self.images): byte 0: expected an IDX file (00 00, type, number of axes), found 89 50 4e "
        + "47",
      place)
  }

  @Test func truncatedGzip() throws {
    let place = try Workplace()
    // A stored block of 65,535 bytes, of which 50,000 are there.
    let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0, 0xff, 0xff, 0, 0]
    try place.write("\(Self.images).gz", header + Self.imagesHeader, size: 50_000)
    try place.write(Self.labels, [])
    try expect(
      "\(Self.images).gz: byte 50000: expected more gzip data, found the end of the file "
        + "(truncated?)",
      place)
  }

  @Test func countsThatDiffer() throws {
    let place = try Workplace()
    try place.write(Self.images, Self.imagesHeader, size: 16 + 47_040_000)
    try place.write(Self.labels, [0, 0, 8, 1, 0, 0, 0x27, 0x10], size: 8 + 10_000)
    try expect(
      "\(Self.labels): byte 4: expected 60000 labels, one for each image: uint8 [60000], found "
        + "uint8 [10000]",
      place)
  }
}
