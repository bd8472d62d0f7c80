import BackpropCore
import CBackpropKernels

/// Images and the windows over them.
extension Emitter {
  mutating func emitPadding(_ id: Int, _ images: Images) {
    var record = record(id, BP_WINDOW_PAD, images)
    // The kernel counts places with padding, not windows.
    (record.y.count, record.x.count) = (Int32(images.paddedHeight), Int32(images.paddedWidth))
    append(
      record, work: nodes[id].count,
      "pad \(images.height)×\(images.width)×\(images.channels) to "
        + "\(images.paddedHeight)×\(images.paddedWidth) · \(images.samples)")
  }

  /// The constants that say where images with padding have their places.
  mutating func margins(of images: Images) -> bp_operand {
    let (rows, columns) = (images.window.rows, images.window.columns)
    var margins = bp_margins(
      height: Int32(images.height), width: Int32(images.width), top: Int32(rows.before),
      left: Int32(columns.before), bottom: Int32(rows.after), right: Int32(columns.after))
    let offset = constants.count * 8
    withUnsafeBytes(of: &margins) { bytes in
      for start in stride(from: 0, to: bytes.count, by: 8) {
        constants.append(
          (bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self), .int32))
      }
    }
    return bp_operand(
      offset: Int64(offset), stride: 0, slot: UInt16(BP_SLOT_CONSTANTS), splat: 1, local: 0)
  }

  mutating func emitWindows(_ id: Int, _ move: WindowMove, _ images: Images) {
    let windows = images.samples * images.down * images.across
    append(
      record(id, move.code, images), work: windows * images.window.count * images.channels,
      "\(move.rawValue) \(images.words)")
  }

  mutating func emitFoldedProduct(_ id: Int, _ product: MatrixProduct, _ images: Images) {
    var window = record(id, BP_WINDOW_FOLD, images)
    (window.b, window.c) = (window.destination, window.destination)
    var gemm = self.record(id, product)
    window.product = Int32(tables.gemms.count)
    scratchByteCount = max(scratchByteCount, bp_window_scratch(&window, &gemm, real))
    tables.gemms.append(gemm)
    append(window, work: work(product), words(id, product) + ", fold \(images.words)")
  }

  private func record(_ id: Int, _ move: bp_window_move, _ images: Images) -> bp_window {
    var record = bp_window()
    record.move = Int32(move.rawValue)
    (record.samples, record.channels) = (Int32(images.samples), Int32(images.channels))
    record.y = bp_window_axis(images.window.rows, length: images.height)
    record.x = bp_window_axis(images.window.columns, length: images.width)
    let operands = nodes[id].operands.map { pointer($0.node) }
    record.destination = pointer(id)
    record.a = operands[0]
    record.b = operands.count > 1 ? operands[1] : record.destination
    record.c = operands.count > 2 ? operands[2] : record.destination
    record.product = -1
    return record
  }

  private mutating func append(_ record: bp_window, work: Int, _ text: String) {
    tables.windows.append(record)
    var last = record
    append(
      BP_KIND_WINDOW, record: tables.windows.count - 1, tasks: bp_window_tasks(&last), work: work,
      text)
  }
}

extension Images {
  /// The windows in words.
  var words: String {
    func axis(_ axis: WindowAxis) -> String {
      "\(axis.size)" + (axis.stride > 1 ? "/\(axis.stride)" : "")
        + (axis.dilation > 1 ? "·\(axis.dilation)" : "")
    }
    return "\(axis(window.rows))×\(axis(window.columns)) over "
      + "\(height)×\(width)×\(channels) · \(samples)"
  }
}

extension bp_window_axis {
  init(_ axis: WindowAxis, length: Int) {
    self.init(
      size: Int32(axis.size), stride: Int32(axis.stride), dilation: Int32(axis.dilation),
      before: Int32(axis.before), length: Int32(length), count: Int32(axis.count(in: length)))
  }
}

extension bp_view {
  /// Windows without padding over images, as rows of a matrix.
  init(_ images: Images) {
    let (rows, columns) = (images.window.rows, images.window.columns)
    let line = Int64(images.width * images.channels), channels = Int64(images.channels)
    let positions = bp_digits(
      low: Int64(images.across), middle: Int64(images.down),
      lowStride: Int64(columns.stride) * channels, middleStride: Int64(rows.stride) * line,
      highStride: Int64(images.height) * line)
    let step = Int64(columns.dilation) * channels, lineStep = Int64(rows.dilation) * line
    // Neighbouring places without dilation are one run.
    let places =
      columns.dilation == 1
      ? bp_digits(
        low: Int64(columns.size) * channels, middle: Int64(rows.size), lowStride: 1,
        middleStride: lineStep, highStride: 0)
      : bp_digits(
        low: channels, middle: Int64(columns.size), lowStride: 1, middleStride: step,
        highStride: lineStep)
    self.init(isUsed: 1, positions: positions, places: places)
  }
}

extension WindowMove {
  var code: bp_window_move {
    switch self {
    case .unfold: BP_WINDOW_UNFOLD
    case .fold: BP_WINDOW_FOLD
    case .max: BP_WINDOW_MAX
    case .maxSpread: BP_WINDOW_MAX_SPREAD
    case .maxPick: BP_WINDOW_MAX_PICK
    case .sum: BP_WINDOW_SUM
    case .sumSpread: BP_WINDOW_SUM_SPREAD
    }
  }
}
