import BackpropCore
import BackpropExecution

/// What `run.json` says: how a run was made, and what it takes to build its test part again.
///
/// ```json
/// {
///   "format": "backprop-run", "format_version": 1, "library_version": "0.1.0",
///   "data": {
///     "name": "digits", "directory": null, "split_seed": 0, "validation": 0.1, "test": 0.2,
///     "files": null, "checksum": "crc32:1c291ca3"
///   },
///   "settings": {"network": "64-128-10 relu identity", "optimizer": "adam:…", "seed": 0, …},
///   "machine": {"random_version": 1, "kernels": "avx512", "flushes_denormals": true},
///   "result": {"best_epoch": 21, "test_loss": …, "test_accuracy": …, …}
/// }
/// ```
///
/// `settings` and `result` are for readers; nothing depends on their members.
package struct RunRecord: Sendable {
  /// Which data, and how it was cut.
  package struct Source: Hashable, Sendable {
    /// The name on the command line.
    package let name: String
    /// Where its files are, if a flag said so.
    package let directory: String?
    /// The seed of the split.
    package let splitSeed: UInt64
    /// The fractions for validation and test.
    package let validation, test: Double
    /// The files of a person's own data, and how they are read; nil for data with a name.
    package let files: DataFiles?

    /// Makes a source.
    package init(
      name: String, directory: String?, splitSeed: UInt64, validation: Double, test: Double,
      files: DataFiles? = nil
    ) {
      (self.name, self.directory, self.splitSeed) = (name, directory, splitSeed)
      (self.validation, self.test, self.files) = (validation, test, files)
    }
  }

  static let format = "backprop-run"
  static let formatVersion = 1

  /// The data.
  package let source: Source
  /// The version of this library that made it.
  package let libraryVersion: String
  /// That of all samples; nil where it was not recorded.
  package let checksum: String?
  /// Every flag, resolved.
  package let settings: JSONValue
  /// What the bits of the run depend on beside the settings.
  package let machine: JSONValue
  /// The figures of the event `end`.
  package let result: JSONValue

  /// Describes a run.
  package init(
    source: Source, checksum: String, settings: JSONValue, step: TrainingStep, result: JSONValue
  ) {
    (self.source, self.settings, self.result) = (source, settings, result)
    (libraryVersion, self.checksum) = (version, checksum)
    machine = step.machine
  }

  var json: JSONValue {
    [
      "format": .string(Self.format), "format_version": .integer(Self.formatVersion),
      "library_version": .string(libraryVersion),
      "data": [
        "name": .string(source.name), "directory": source.directory.map { .string($0) } ?? .null,
        "split_seed": .seed(source.splitSeed), "validation": .number(source.validation),
        "test": .number(source.test), "files": source.files?.json ?? .null,
        "checksum": checksum.map { .string($0) } ?? .null,
      ],
      "settings": settings, "machine": machine, "result": result,
    ]
  }

  /// Reads the record of a run.
  ///
  /// - Throws: ``FileError`` if the file cannot be read, ``FormatError`` if it is no such record.
  package init(contentsOf folder: String) throws {
    try RunFolder.checkFinished(folder)
    let name = RunFolder.fileNames.record
    let file = "\(folder)/\(name)"
    let bytes = try FileIO.read(name, in: folder, limit: JSONText.sizeLimit)
    let value = try JSONText.parse(bytes[...], name: file)
    var members = try JSONMembers(value, file: file)
    try members.checkFormat(Self.format, version: Self.formatVersion)
    libraryVersion = try members.required("library_version", "a text", \.string)
    var data = try members.object("data")
    source = Source(
      name: try data.required("name", "a text", \.string),
      directory: try data.optional("directory", "a text", \.string),
      splitSeed: try data.required("split_seed", "a seed, a whole number", \.seed),
      validation: try data.required("validation", "a number", \.double),
      test: try data.required("test", "a number", \.double),
      files: try data.optionalObject("files").map { try DataFiles($0) })
    checksum = try data.optional("checksum", "a text", \.string)
    try data.finish()
    settings = try members.required("settings", "a JSON object") { $0 }
    machine = try members.required("machine", "a JSON object") { $0 }
    result = try members.required("result", "a JSON object") { $0 }
    try members.finish()
  }
}

extension JSONValue {
  /// A seed: a number, or as text where JSON's integers do not reach.
  package static func seed(_ seed: UInt64) -> JSONValue {
    Int(exactly: seed).map { .integer($0) } ?? .string(String(seed))
  }

  /// A seed, or nil.
  package var seed: UInt64? {
    integer.flatMap(UInt64.init(exactly:)) ?? string.flatMap(UInt64.init)
  }
}
