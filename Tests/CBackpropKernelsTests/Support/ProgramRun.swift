import CBackpropKernels

/// Runs one instruction that has no function of its own, as a program.
enum ProgramRun {
  private static func run(
    _ kind: bp_kind, _ real: bp_real, _ path: Path, _ bases: [UnsafeMutableRawPointer?],
    _ fill: (inout bp_program) -> Void
  ) {
    let instruction = bp_instruction(
      kind: UInt16(kind.rawValue), parallel: 0, record: 0, tasks: 1)
    withUnsafePointer(to: instruction) { instructions in
      var program = bp_program()
      (program.path, program.real) = (path.code, real)
      (program.slotCount, program.instructionCount) = (Int32(bases.count), 1)
      program.instructions = instructions
      fill(&program)
      bp_program_run(&program, 0, 1, bases, nil, nil)
    }
  }

  /// One map, with denormals flushed.
  static func flushingMap(
    _ record: bp_map, _ codes: [bp_code], _ real: bp_real, _ path: Path,
    _ bases: [UnsafeMutableRawPointer?]
  ) {
    withUnsafePointer(to: record) { record in
      codes.withUnsafeBufferPointer { codes in
        run(BP_KIND_MAP, real, path, bases) {
          ($0.maps, $0.codes, $0.flushDenormals) = (record, codes.baseAddress, 1)
        }
      }
    }
  }

  static func copy(_ record: bp_copy, _ path: Path, _ bases: [UnsafeMutableRawPointer?]) {
    withUnsafePointer(to: record) { record in
      run(BP_KIND_COPY, BP_FLOAT32, path, bases) { $0.copies = record }
    }
  }

  static func index(
    _ kind: bp_kind, _ record: bp_index, _ real: bp_real, _ path: Path,
    _ bases: [UnsafeMutableRawPointer?]
  ) {
    withUnsafePointer(to: record) { record in
      run(kind, real, path, bases) { $0.indices = record }
    }
  }
}
