public import BackpropCore

/// The file format of NumPy's arrays: one array of numbers with its type and shape.
///
/// ```
/// 93 "NUMPY" | version, 2 bytes | length of the header (version 1: 2 bytes, 2 and 3: 4 bytes,
/// little-endian) | header, padded with spaces, '\n' at its end | elements
///
/// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
/// ```
///
/// | NumPy's type | becomes |
/// |---|---|
/// | `f4`, `f8` | float32, float64 |
/// | `u1`, `b1` | uint8, bool |
/// | `i1`, `i2`, `i4`, `u2` | int32 |
/// | `u4`, `i8`, `u8` | int32, an error where a number does not fit |
///
/// Both byte orders are read. Arrays in Fortran order are put into row-major order. Anything else
/// (`f2`, complex numbers, texts, records) is an error, above all Python objects, which would have
/// to be executed. The reader is strict: the header is the literal of a dictionary with these three
/// keys and no expression, the elements fill the rest of the file exactly, and nothing is allocated
/// that the file does not hold.
///
/// - Source: NumPy, "NPY format", numpy.lib.format, versions 1.0, 2.0 and 3.0.
public enum NPY {
  /// The header may not be longer than this many bytes, as in NumPy.
  public static let headerLimit = 10_000
  /// An array may not have more axes than this, as in NumPy.
  public static let axisLimit = 64

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` if the file cannot be read, ``FormatError`` if it is not a complete
  ///   NPY file, or of a type that no tensor has.
  public static func read(_ path: String) throws -> Tensor {
    try decode(FileIO.read(path), name: path)
  }

  /// Reads a file's bytes; `name` stands for the file in errors.
  public static func decode(_ bytes: [UInt8], name: String) throws(FormatError) -> Tensor {
    let header = try NPYHeader(bytes, name: name)
    return try NPYElements(header, bytes, name: name).tensor()
  }

  /// Writes a file, in whole or not at all.
  ///
  /// - Throws: ``FileError`` if the file cannot be written.
  public static func write(_ tensor: Tensor, to path: String) throws(FileError) {
    try FileIO.writeAtomically(encode(tensor), to: path)
  }

  /// The bytes of a file: version 1, row-major, little-endian, and the elements at a multiple of
  /// 64 bytes. The same tensor always gives the same bytes.
  public static func encode(_ tensor: Tensor) -> [UInt8] {
    let sizes = tensor.shape.sizes
    let shape = sizes.count == 1 ? "\(sizes[0])," : sizes.map(String.init).joined(separator: ", ")
    let text =
      "{'descr': '\(code(tensor.scalarType))', 'fortran_order': False, 'shape': (\(shape)), }"
    var header = Array(text.utf8)
    header += [UInt8](repeating: 0x20, count: 63 - (NPYHeader.magic.count + 4 + header.count) % 64)
    header.append(0x0a)
    precondition(header.count <= headerLimit, "\(sizes.count) axes are too many for an NPY file")

    var bytes = NPYHeader.magic + [1, 0]
    bytes.reserveCapacity(10 + header.count + tensor.shape.count * tensor.scalarType.size)
    bytes += [UInt8(header.count & 0xff), UInt8(header.count >> 8)]
    bytes += header
    tensor.withBytes { bytes += $0 }
    return bytes
  }

  private static func code(_ type: ScalarType) -> String {
    switch type {
    case .float64: "<f8"
    case .float32: "<f4"
    case .int32: "<i4"
    case .uint8: "|u1"
    case .bool: "|b1"
    case .bfloat16: preconditionFailure("bfloat16 tensors do not exist yet")
    }
  }
}
