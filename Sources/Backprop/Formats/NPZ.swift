public import BackpropCore

/// The file format of several NumPy arrays: a zip archive with an NPY file for each, as `np.savez`
/// and `np.savez_compressed` write it.
///
/// ```
/// x.npy | y.npy | … | directory
/// ```
///
/// Stored and deflated files are read, below 4 GiB each (no zip64). Every checksum is verified, an
/// entry that is no NPY file is an error, and names never become paths. What each array may be is
/// said at ``NPY``.
public enum NPZ {
  /// All arrays of a file together may not be larger than this many bytes, unpacked, unless the
  /// reader is told otherwise: 4 GiB.
  public static let sizeLimit = 1 << 32

  /// Reads all arrays of a file, by their names without `.npy`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - sizeLimit: the most bytes that the arrays may have together, unpacked. Deflate packs up to
  ///     1032 times, so a small file can ask for much memory; more than this is refused before
  ///     anything is unpacked.
  /// - Throws: ``FileError`` if the file cannot be read, ``FormatError`` if it is not a complete
  ///   NPZ file, or an array is of a type that no tensor has.
  public static func read(
    _ path: String, sizeLimit: Int = NPZ.sizeLimit
  ) throws -> [String: Tensor] {
    try decode(FileIO.read(path), name: path, sizeLimit: sizeLimit)
  }

  /// Reads a file's bytes; `name` stands for the file in errors.
  public static func decode(
    _ bytes: [UInt8], name: String, sizeLimit: Int = NPZ.sizeLimit
  ) throws(FormatError) -> [String: Tensor] {
    let archive = try ZipArchive(bytes, name: name)
    for entry in archive.entries where !entry.name.hasSuffix(suffix) {
      throw FormatError(
        name, .entry(entry.title), expected: "arrays only, named *\(suffix)",
        found: "another file")
    }
    // Every size is below 4 GiB and there are fewer than 65535, so the sum cannot overflow.
    let size = archive.entries.reduce(0) { $0 + $1.size }
    guard size <= sizeLimit else {
      throw FormatError(
        name, expected: "at most \(sizeLimit) bytes of arrays, unpacked", found: "\(size)")
    }
    var arrays: [String: Tensor] = [:]
    for entry in archive.entries {
      let array = String(entry.name.dropLast(suffix.count))
      let title = "\(name), array \(FormatError.quoted(array))"
      arrays[array] = try NPY.decode(archive.content(of: entry), name: title)
    }
    return arrays
  }

  /// Writes a file, in whole or not at all.
  ///
  /// - Throws: ``FileError`` if the file cannot be written, ``FormatError`` if the arrays are too
  ///   large for it.
  public static func write(_ arrays: [String: Tensor], to path: String) throws {
    try FileIO.writeAtomically(encode(arrays, name: path), to: path)
  }

  /// The bytes of a file, nothing packed: the same arrays always give the same bytes.
  ///
  /// - Throws: ``FormatError`` if the arrays are too large or too many for an archive without
  ///   zip64, or a name has more than 65000 bytes.
  public static func encode(
    _ arrays: [String: Tensor], name: String
  ) throws(FormatError) -> [UInt8] {
    let order = arrays.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (array, tensor) in order {
      let file = Array((array + suffix).utf8)
      guard file.count <= 65_000 else {
        throw FormatError(
          name, .entry("array \(FormatError.quoted(array))"),
          expected: "a name of at most 65000 bytes", found: "\(file.count)")
      }
      let content = NPY.encode(tensor)
      let size = UInt32(truncatingIfNeeded: content.count)
      let flags: UInt16 = file.allSatisfy { $0 < 0x80 } ? 0 : 0x800
      let start = UInt32(truncatingIfNeeded: bytes.count)
      // Version 2.0, flags, stored, 00:00 on 1 January 1980, checksum, both sizes, length of name.
      var fields = halves(20, flags, 0, 0, 0x21) + words(Inflate.checksum(content[...]), size, size)
      fields += halves(UInt16(file.count), 0)
      bytes += words(0x0403_4b50) + fields + file + content
      // Made by version 2.0; no comment, part 0, attributes 0.
      directory += words(0x0201_4b50) + halves(20) + fields + halves(0, 0, 0) + words(0, start)
      directory += file
    }
    guard arrays.count < 0xffff, bytes.count + directory.count < 0xffff_ffff else {
      throw FormatError(
        name, expected: "less than 4 GiB and 65535 arrays",
        found: "\(bytes.count + directory.count) bytes and \(arrays.count) arrays")
    }
    let count = UInt16(arrays.count)
    let end =
      words(0x0605_4b50) + halves(0, 0, count, count)
      + words(UInt32(directory.count), UInt32(bytes.count)) + halves(0)
    return bytes + directory + end
  }

  private static let suffix = ".npy"

  /// Numbers of two bytes, the lowest first.
  private static func halves(_ values: UInt16...) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// Numbers of four bytes, the lowest first.
  private static func words(_ values: UInt32...) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
  }
}
