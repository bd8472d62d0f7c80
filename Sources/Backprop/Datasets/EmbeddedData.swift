import CBackpropData

/// The bytes of the data sets that are part of the binary.
///
/// Safety: the pointers are those of constants in C with the counts that stand beside them; they
/// are read here only, into arrays.
enum EmbeddedData {
  static func digits() -> [UInt8] { bytes(bp_data_digits()) }
  static func iris() -> [UInt8] { bytes(bp_data_iris()) }

  private static func bytes(_ data: bp_data) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data.bytes, count: data.count))
  }
}
