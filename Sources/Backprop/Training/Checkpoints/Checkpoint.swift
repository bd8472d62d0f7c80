import BackpropCore

/// A training as it stood between two steps, read from a file: parameters, optimiser state, step, epoch,
/// place within the epoch, the best epoch with its parameters, random key.
///
/// The file is a ``Safetensors`` file. `state/PATH` are the arrays of the ``TrainingState``,
/// `best/PATH` the parameters and variables of the best epoch, and its optimiser state where the training
/// may have to go back to it. The metadata has two members:
///
/// - `training`: JSON. `format` and `format_version`; `library_version`; `recipe`, which must be the
///   same for a training that goes on; `machine`, which the bits depend on too; `step` and `key`;
///   `course`, how far it is.
/// - `checksum`: `crc32:` and eight digits: that of the whole file with these digits as zeros.
///
/// A file that lacks a byte, or has another one anywhere, is not read.
public struct Checkpoint: Sendable {
  /// The file.
  public let path: String
  /// The epoch that the next step belongs to, from 1, and how many of its batches are behind.
  public var epoch: Int { course.epoch }
  /// How many batches of that epoch are behind.
  public var batch: Int { course.batch }
  /// The number of steps taken.
  public let step: Int

  /// How many lines a log of the training had, beside those of its beginning and of resuming.
  package var loggedEvents: Int { course.events }

  let course: TrainingCourse
  let recipe: JSONValue
  let machine: JSONValue
  let key: [Int]
  /// The number of steps at the end of the best epoch.
  let bestStep: Int?
  let tensors: [String: Tensor]
}

/// What a checkpoint is made of, while a training goes on.
struct Snapshot: Sendable {
  var course: TrainingCourse
  var state: TrainingState
  var best: TrainingState?
  /// Whether the training may have to go back to the best epoch.
  var keepsSlots = false
}

extension Checkpoint {
  static let format = "backprop-checkpoint"
  static let formatVersion = 1
  private enum Part: String { case state, best }
  private static let checksumName = "checksum"
  private static let trainingName = "training"

  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - step: declares which arrays are parameters and variables.
  ///   - recipe: what must be the same for a training that goes on.
  ///   - machine: what else the bits depend on.
  static func encode(
    _ snapshot: Snapshot, _ step: TrainingStep, recipe: JSONValue, machine: JSONValue
  ) -> [UInt8] {
    var tensors: [String: Tensor] = [:]
    func add(_ part: Part, _ state: TrainingState?, _ paths: [String]) {
      for path in paths { tensors["\(part.rawValue)/\(path)"] = state?.view(path) }
    }
    add(.state, snapshot.state, snapshot.state.paths)
    let needed = snapshot.keepsSlots ? snapshot.state.paths : step.declarations.map(\.path)
    add(.best, snapshot.best, needed)
    let training: JSONValue = [
      "format": .string(format), "format_version": .integer(formatVersion),
      "library_version": .string(version), "recipe": recipe, "machine": machine,
      "step": .integer(snapshot.state.step),
      "best_step": snapshot.best.map { .integer($0.step) } ?? .null,
      "key": [
        .integer(Int(snapshot.state.key.words[0])), .integer(Int(snapshot.state.key.words[1])),
      ],
      "course": snapshot.course.json,
    ]
    return sealed(
      Safetensors.encode(
        tensors, metadata: [checksumName: "crc32:00000000", trainingName: training.text()]))
  }

  /// The bytes with their checksum where it belongs; too few bytes stay as they are.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > digits.upperBound else { return bytes }
    var bytes = bytes
    bytes.replaceSubrange(digits, with: Array(checksum(bytes).utf8))
    return bytes
  }

  /// Where the digits of the checksum stand: its member is the first of the header.
  private static let digits: Range<Int> = {
    let before = "{\"\(Safetensors.metadataName)\":{\"\(checksumName)\":\"crc32:"
    let start = 8 + before.utf8.count
    return start..<start + 8
  }()

  private static func checksum(_ bytes: [UInt8]) -> String {
    var sum = CRC32()
    sum.add(bytes[..<digits.lowerBound])
    sum.add(Array("00000000".utf8)[...])
    sum.add(bytes[digits.upperBound...])
    return sum.digits
  }

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` if it cannot be read or is no plain file; ``FormatError`` if it is damaged,
  ///   or no checkpoint.
  public init(contentsOf path: String) throws {
    guard [.file, .nothing].contains(FileIO.kind(of: path)) else {
      throw FileError("read", path, "it is no plain file")
    }
    try self.init(FileIO.read(path), name: path)
  }

  /// Reads a file's bytes; `name` stands for the file in errors.
  package init(_ bytes: [UInt8], name: String) throws(FormatError) {
    guard bytes.count > Self.digits.upperBound else {
      throw FormatError(
        name, expected: "a checkpoint", found: "a file of \(bytes.count) bytes")
    }
    let found = FormatError.quoted(String(decoding: bytes[Self.digits], as: UTF8.self))
    let expected = Self.checksum(bytes)
    guard bytes[Self.digits].elementsEqual(expected.utf8) else {
      throw FormatError(
        name, .byte(Self.digits.lowerBound), expected: "the checksum '\(expected)' of its bytes",
        found: found)
    }
    let (tensors, metadata) = try Safetensors.decode(bytes, name: name)
    guard let text = metadata[Self.trainingName] else {
      throw FormatError(name, .entry(Self.trainingName), expected: "a text", found: "nothing")
    }
    let value = try JSONText.parse(Array(text.utf8)[...], name: "\(name): \(Self.trainingName)")
    var members = try JSONMembers(value, file: name, path: Self.trainingName)
    try members.checkFormat(Self.format, version: Self.formatVersion)
    _ = try members.required("library_version", "a text", \.string)
    recipe = try members.required("recipe", "a JSON object") { $0.members == nil ? nil : $0 }
    machine = try members.required("machine", "a JSON object") { $0.members == nil ? nil : $0 }
    func stepNumber(_ value: JSONValue) -> Int? {
      value.integer.flatMap { (0...1 << 53).contains($0) ? $0 : nil }
    }
    step = try members.required("step", "a whole number from 0 to 2^53", stepNumber)
    bestStep = try members.optional("best_step", "a whole number from 0 to 2^53", stepNumber)
    key = try members.required("key", "two words of 32 bits") {
      $0.counts.flatMap { $0.count == 2 && $0.allSatisfy { $0 <= 0xffff_ffff } ? $0 : nil }
    }
    course = try TrainingCourse(members.object("course"), file: name)
    try members.finish()
    (path, self.tensors) = (name, tensors)
  }

  /// What a training goes on with.
  ///
  /// - Throws: ``FormatError`` if the arrays are not those of the step; ``CheckpointError`` if the
  ///   training was another one.
  func snapshot(_ step: TrainingStep, recipe: JSONValue) throws -> Snapshot {
    // What an older checkpoint does not name was not there.
    for member in recipe.members ?? []
    where (self.recipe[member.name] ?? .null) != member.value {
      let then = self.recipe[member.name]?.kind ?? "nothing"
      throw CheckpointError(
        path,
        "it belongs to another training: \(member.name) was \(then), and is \(member.value.kind) now"
      )
    }
    var known: Set<String> = []
    var state = TrainingState(
      layout: step.layout,
      key: RandomKey(
        words: SIMD2(UInt32(truncatingIfNeeded: key[0]), UInt32(truncatingIfNeeded: key[1]))))
    let declared = step.declarations.map(\.path)
    func fill(_ part: Part, _ paths: [String], _ number: Int) throws -> TrainingState {
      for path in paths {
        let name = "\(part.rawValue)/\(path)"
        known.insert(name)
        try set(&state, path, name, step)
      }
      state.step = number
      return state
    }
    let all = state.paths
    // The slots of the best epoch may be here or not.
    let kept = all.filter { declared.contains($0) || tensors["\(Part.best.rawValue)/\($0)"] != nil }
    let best = course.best == nil ? nil : try fill(.best, kept, bestStep ?? self.step)
    let snapshot = Snapshot(
      course: course, state: try fill(.state, all, self.step), best: best)
    if let other = tensors.keys.filter({ !known.contains($0) }).min() {
      throw FormatError(
        path, .entry("tensor \(FormatError.quoted(other))"),
        expected: "only what this training has", found: "a tensor it does not know")
    }
    return snapshot
  }

  private func set(
    _ state: inout TrainingState, _ path: String, _ name: String, _ step: TrainingStep
  ) throws {
    let place = FormatError.Place.entry("tensor \(FormatError.quoted(name))")
    let shape = step.layout[path]?.shape ?? []
    let expected = "\(step.precision) \(shape)"
    guard let tensor = tensors[name] else {
      throw FormatError(self.path, place, expected: expected, found: "nothing")
    }
    guard tensor.shape == shape, tensor.scalarType == step.precision else {
      throw FormatError(
        self.path, place, expected: expected, found: "\(tensor.scalarType) \(tensor.shape)")
    }
    try state.set(path, to: tensor)
  }

  /// What the bits depend on that is not as it was: a sentence each.
  func differences(_ machine: JSONValue) -> [String] {
    (machine.members ?? []).compactMap { member in
      let then = self.machine[member.name]
      guard then != member.value else { return nil }
      return "\(member.name) was \(then?.kind ?? "unknown"), and is \(member.value.kind) now"
    }
  }
}
