@_exported public import RealModule

/// The real types that the interpreter computes in.
public typealias RealNumber = BinaryFloatingPoint & Real & Sendable

/// Shape and scalar type of a value.
public struct ValueType: Hashable, Sendable, CustomStringConvertible {
  /// The sizes of the axes.
  public var shape: Shape
  /// The type of the elements.
  public var scalarType: ScalarType

  /// Makes a type.
  public init(_ shape: Shape, _ scalarType: ScalarType) {
    self.shape = shape
    self.scalarType = scalarType
  }

  public var description: String { "\(scalarType.rawValue)\(shape)" }
}

/// One operation: a shape rule, a derivative, a plain evaluation and what the plan makes of it. One op, one file.
///
/// An op is a value: two ops are equal if they would do the same. Its derivative is stated once, in terms of other
/// ops, and so derivatives of any order exist.
public protocol Op: Hashable, Sendable {
  /// The name in messages, explanations and plans, in kebab case.
  static var name: String { get }

  /// The derivative in a line, as the documentation of the op states it: explanations print it.
  static var derivative: String { get }

  /// The type of the result.
  ///
  /// - Throws: ``ShapeError`` if the inputs do not fit.
  func result(of inputs: [ValueType]) throws -> ValueType

  /// The adjoint of each input, given the adjoint of the output; nil where there is no derivative.
  func derivative(_ point: DerivativePoint) throws -> [Value?]

  /// The result for given inputs, in plain Swift.
  func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R>

  /// What the plan makes of it, for inputs that the shape rule accepts.
  func lowering(_ inputs: [ValueType]) -> Lowering

  /// The same result in terms of other ops, for an op whose ``lowering(_:)`` is ``Lowering/expanded``.
  func expand(_ inputs: [Value]) throws -> Value
}

extension Op {
  /// The name of this op's type.
  public var name: String { Self.name }

  /// For an op that states none: its derivative is what it adds to the graph.
  public static var derivative: String { "given by the op itself, as graph" }

  public func expand(_ inputs: [Value]) throws -> Value {
    preconditionFailure("\(Self.name) is not lowered by expansion")
  }
}

/// Where a derivative is taken: an op's inputs and output in the graph, and the adjoint ∂C/∂output.
public struct DerivativePoint {
  /// The inputs of the op.
  public let inputs: [Value]
  /// The output of the op.
  public let output: Value
  /// The derivative of the cost with respect to the output; it has the output's shape.
  public let adjoint: Value
}

/// How a plan runs an op: data that names one of a few kernel families.
public enum Lowering: Hashable, Sendable {
  /// One instruction of pointwise code; operands in the order of the inputs, broadcast to the result.
  case pointwise(Primitive)
  /// Rewritten with other ops: see ``Op/expand(_:)``.
  case expanded
  /// A matrix product of the last two axes.
  case matmul(transposeA: Bool, transposeB: Bool)
  /// A reduction over axes, which keep size 1 or vanish.
  case reduce(Reduction, axes: [Int])
  /// The same elements in the same order, under another shape.
  case reshape
  /// Elements picked by strides: `result[i₀, i₁, …] = input[offset + Σ iₖ·strides[k]]`.
  case copy(strides: [Int], offset: Int)
  /// Inputs one behind the other along an axis.
  case concatenate(axis: Int)
  /// `result[i…, j…] = table[indices[i…], j…]`; inputs: table, int32 indices.
  case gather
  /// `result[r, j…] = Σ over i with indices[i…] = r of values[i…, j…]`, in ascending i; inputs: values, int32 indices.
  case scatterAdd
  /// Uniform numbers in [0, 1) from a key: see ``RandomUniform``.
  case uniform
  /// A move between a value [samples, height, width, channels] and the windows over it.
  case window(WindowMove, Window)
}

/// What a reduction does with the elements it meets.
public enum Reduction: String, Hashable, Sendable { case sum, max, argmax }

/// The instructions of pointwise code. Comparisons give 1 or 0.
public enum Primitive: String, Hashable, Sendable, CaseIterable {
  case copy, negate, sqrt, exp, expm1, log, log1p, abs, sign, sin, cos, erf, sigmoid, tanh, relu,
    truncate
  case fromInt32, toInt32
  case add, subtract, multiply, divide, power, minimum, maximum
  case less, lessEqual, equal, notEqual
  case select
  case iota
}
