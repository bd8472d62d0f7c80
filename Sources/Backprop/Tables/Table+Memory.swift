extension Table {
  /// About how many bytes training on a file will take: the file, the places of its fields, and the
  /// numbers that they become, told from the file's size and its first rows.
  ///
  /// A text column takes four bytes a row for each level but the first on top of that. The network
  /// and its batches are not counted.
  ///
  /// - Returns: nil if the size is not known, as for standard input (which is not read).
  /// - Throws: as ``load(_:format:)``, as far as the first rows go.
  public static func estimatedTrainingBytes(
    _ path: String, format: CSVFormat = CSVFormat()
  ) throws -> Int? {
    guard path != "-" else { return nil }
    var reader = try CSVReader(path: path, format: format)
    guard let size = reader.size, let block = try reader.next(), size > 0 else { return nil }
    let perRow = Swift.max(1, block.rows.bytes.count / block.count)
    let rows = size / perRow + 1
    // Inputs are there as float32, and once more as float64 while a data set checks them; a row has
    // its place, its line, and its number in several lists.
    let perField = MemoryLayout<UInt32>.size + MemoryLayout<Float>.size + MemoryLayout<Double>.size
    let perSample = block.columns.count * perField + 6 * MemoryLayout<Int>.size
    // A file with holes may seem larger than anything that can be counted.
    let (bytes, isTooLarge) = rows.multipliedReportingOverflow(by: perSample)
    return isTooLarge ? .max : bytes.addingReportingOverflow(size).overflow ? .max : bytes + size
  }
}
