public import BackpropCore

/// The file format of parameters: named tensors, with a header in JSON, and nothing that could be
/// executed.
///
/// ```
/// length of the header (8 bytes, little-endian) | header (JSON, padded to 8 bytes) | data
///
/// {"__metadata__": {"key": "text"},
///  "hidden.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
/// ```
///
/// Types F64, F32, I32, U8 and BOOL are read and written. The reader is strict: tensors must fill
/// the data without gap or overlap, nothing may come twice, and nothing is allocated that the file
/// does not hold.
///
/// - Source: Hugging Face, "Safetensors", https://github.com/huggingface/safetensors, section
///   "Format".
public enum Safetensors {
  /// The header may not be longer than this many bytes, as in the reference implementation.
  public static let headerLimit = 100_000_000

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` if the file cannot be read, ``FormatError`` if it is not a complete
  ///   safetensors file.
  public static func read(
    _ path: String
  ) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    try decode(FileIO.read(path), name: path)
  }

  /// Writes a file, in whole or not at all.
  ///
  /// - Throws: ``FileError`` if the file cannot be written.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
  ) throws(FileError) {
    try FileIO.writeAtomically(encode(tensors, metadata: metadata), to: path)
  }

  /// The bytes of a file: the same tensors and metadata always give the same bytes.
  ///
  /// Tensors of large elements come first, so that each is aligned; those of one size in the order
  /// of their names. A tensor called `__metadata__` is a programmer's mistake.
  public static func encode(
    _ tensors: [String: Tensor], metadata: [String: String] = [:]
  ) -> [UInt8] {
    precondition(tensors[metadataName] == nil, "\(metadataName) is not the name of a tensor")
    let order = tensors.sorted {
      let (a, b) = ($0.value.scalarType.size, $1.value.scalarType.size)
      return a == b ? $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) : a > b
    }
    var members: [JSONValue.Member] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let values = texts.map { JSONValue.Member($0.key, .string($0.value)) }
      members.append(JSONValue.Member(metadataName, .object(values)))
    }
    var end = 0
    for (name, tensor) in order {
      let start = end
      end += tensor.shape.count * tensor.scalarType.size
      members.append(
        JSONValue.Member(
          name,
          [
            "dtype": .string(code(tensor.scalarType)),
            "shape": .array(tensor.shape.sizes.map { .integer($0) }),
            "data_offsets": [.integer(start), .integer(end)],
          ]))
    }

    var header = Array(JSONValue.object(members).text().utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: header.count >> shift))
    }
    bytes += header
    for (_, tensor) in order { tensor.withBytes { bytes += $0 } }
    return bytes
  }

  /// The name in the header that stands for no tensor.
  static let metadataName = "__metadata__"

  /// The types that are read and written, by the header's codes.
  static let types: [String: ScalarType] = [
    "F64": .float64, "F32": .float32, "I32": .int32, "U8": .uint8, "BOOL": .bool,
  ]

  private static func code(_ type: ScalarType) -> String {
    switch type {
    case .float64: "F64"
    case .float32: "F32"
    case .int32: "I32"
    case .uint8: "U8"
    case .bool: "BOOL"
    case .bfloat16: "BF16"
    }
  }
}
