import CBackpropKernels

/// An instruction set of the kernels. AMX is for products only.
enum Path: UInt32, CaseIterable {
  case portable, avx2, avx512

  static let supported = allCases.filter { bp_path_supported(bp_path(rawValue: $0.rawValue)) != 0 }
}

/// One word of code over one row of numbers, as a program that keeps or flushes denormals.
struct KernelRun<T: Element> {
  let op: bp_op
  let path: Path
  let flushes: Bool

  /// result[i] = op(x[i], y[i]) for i < count. The buffers are aligned, with slack behind them.
  func callAsFunction(
    _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ result: UnsafeMutablePointer<T>,
    count: Int
  ) {
    let slot = UInt16(BP_SLOT_INPUTS), columns = Int32(count)
    func operand(_ number: UInt16) -> bp_operand {
      bp_operand(offset: 0, stride: columns, slot: slot + number, splat: 0, local: 0)
    }
    let code = bp_code(
      op: UInt16(op.rawValue), column: 0, chain: 0, d: operand(2), a: operand(0), b: operand(1),
      c: operand(0))
    let map = bp_map(
      rows: 1, columns: columns, blockRows: 1, blockColumns: columns, firstCode: 0, codeCount: 1,
      product: -1, productScratch: 0)
    let instruction = bp_instruction(
      kind: UInt16(BP_KIND_MAP.rawValue), parallel: 0, record: 0, tasks: 1)
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: Int(slot))
    bases += [
      UnsafeMutableRawPointer(x), UnsafeMutableRawPointer(y), UnsafeMutableRawPointer(result),
    ]
    withUnsafePointer(to: code) { codes in
      withUnsafePointer(to: map) { maps in
        withUnsafePointer(to: instruction) { instructions in
          var program = bp_program()
          (program.path, program.real) = (bp_path(rawValue: path.rawValue), T.code)
          program.flushDenormals = flushes ? 1 : 0
          (program.slotCount, program.instructionCount) = (Int32(bases.count), 1)
          (program.instructions, program.maps, program.codes) = (instructions, maps, codes)
          bp_program_run(&program, 0, 1, bases, nil, nil)
        }
      }
    }
  }
}
