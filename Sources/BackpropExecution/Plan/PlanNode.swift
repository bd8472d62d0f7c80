import BackpropCore

/// How a pointwise instruction reads an operand over its domain of rows × columns.
enum Access: Hashable {
  /// One element for each place of the domain.
  case full
  /// One row, repeated: [columns].
  case row
  /// One element a row: [rows].
  case column
  /// One element.
  case scalar
}

/// An operand of a ``PlanNode``.
struct Operand: Hashable {
  var node: Int
  var access: Access
}

/// A domain of rows × columns, the only iteration space that plans know.
struct Domain: Hashable {
  var rows: Int
  var columns: Int
  var count: Int { rows * columns }
}

/// What a node of a plan computes. Shapes are gone: memory is contiguous, and each kind says how it walks over it.
enum PlanKind: Hashable {
  /// Memory that is there before the step: state, input, scalar or key.
  case leaf(Leaf)
  /// A number known when the plan is made.
  case constant(Double)
  /// One instruction over the domain.
  case pointwise(Primitive)
  /// a·b + c or, negative, −a·b + c, rounded once.
  case multiplyAdd(isNegative: Bool)
  /// Uniform numbers from the key operand.
  case uniform
  /// Each row of the domain reduced to one element: result [rows].
  case rowReduce(Reduction)
  /// The rows of the domain added up: result [columns].
  case columnSum
  /// Matrix products; leading axes are counted in `batch`, with distances that are 0 for a repeated operand.
  case matmul(MatrixProduct)
  /// Elements picked by strides.
  case copy(sizes: [Int], strides: [Int], offset: Int)
  /// Operands side by side: each is [outer, its width].
  case concatenate(outer: Int, widths: [Int])
  /// Rows of a table by index.
  case gather(rows: Int, width: Int)
  /// Rows added up by index.
  case scatterAdd(rows: Int, width: Int)
  /// Images with the padding of their windows around them, zeros. The domain is that of the images: places × channels.
  case pad(Images)
  /// A move between images and the windows over them; those that are unfolded or folded have no padding.
  case window(WindowMove, Images)
  /// The windows that a product makes, folded, block by block of its rows.
  case foldedProduct(MatrixProduct, Images)

  /// Whether each element of the result depends on the operands' elements at its place alone.
  var isElementwise: Bool {
    switch self {
    case .pointwise, .multiplyAdd: true
    default: false
    }
  }

  /// Whether a node of this kind is run by pointwise code, and so can be fused with others.
  var isMap: Bool {
    switch self {
    case .pointwise, .multiplyAdd, .uniform, .rowReduce, .columnSum: true
    default: false
    }
  }

  /// Whether the node needs no instruction.
  var isLeaf: Bool {
    switch self {
    case .leaf, .constant: true
    default: false
    }
  }
}

/// The sizes of matrix products C = A·B.
struct MatrixProduct: Hashable {
  var m, n, k: Int
  var transposeA, transposeB: Bool
  var batch = 1
  var distanceA = 0
  var distanceB = 0
  /// Where operand a is images: the windows that make its rows, read where they are.
  var view: Images?
}

/// Images [samples, height, width, channels] and the windows over them.
struct Images: Hashable {
  var samples, height, width, channels: Int
  var window: Window

  init(_ shape: Shape, _ window: Window) {
    (samples, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    self.window = window
  }

  /// The number of windows down and across.
  var down: Int { window.rows.count(in: height) }
  var across: Int { window.columns.count(in: width) }
  /// The sizes with padding.
  var paddedHeight: Int { height + window.rows.before + window.rows.after }
  var paddedWidth: Int { width + window.columns.before + window.columns.after }
  var isPadded: Bool { paddedHeight != height || paddedWidth != width }
  /// The elements of the images.
  var count: Int { samples * height * width * channels }
  /// Whether every place is a window of its own.
  var areUnfolded: Bool {
    window.count == 1 && window.rows.stride == 1 && window.columns.stride == 1
  }

  /// The images with their padding, which the windows then see as part of them.
  var padded: Images {
    var (rows, columns) = (window.rows, window.columns)
    (rows.before, rows.after, columns.before, columns.after) = (0, 0, 0, 0)
    return Images([samples, paddedHeight, paddedWidth, channels], Window(rows, columns))
  }
}

/// How elements of a value stand in a plan's memory.
enum Element: Hashable {
  /// The plan's real type; truth values are 1 and 0.
  case real
  /// 32-bit whole numbers: classes, indices, keys.
  case int32
}

/// One node of the graph that a plan is made from: primitive, and with all broadcasting spelled out.
struct PlanNode: Hashable {
  var kind: PlanKind
  var operands: [Operand]
  /// The iteration space: for reductions, of the input.
  var domain: Domain
  /// The number of elements of the result.
  var count: Int
  var element: Element
  /// Whether the domain may be cut into rows and columns in any way: all operands are full or scalar.
  var isFlexible: Bool
  /// Whether the node joins the group of its only reader or readers, rather than the earliest that it could: made by
  /// ``Recomputation``.
  var isLazy = false
}
