public import BackpropCore

/// A recurrent network over the times of a sequence: simple, LSTM or GRU, of one or several layers, in
/// one direction or both.
///
/// ```swift
/// let h = try scope("memory", Recurrent(.lstm, 128, layers: 2), x)   // [batch, time, 128]
/// ```
///
/// With x the input and h the state of the time before, ⊙ elementwise and σ the logistic function:
///
/// | cell | gates, in the order of the columns | new state |
/// |---|---|---|
/// | `rnn` | n = f(x·Wᵢ + bᵢ + h·Wₕ + bₕ), f tanh or relu | h = n |
/// | `lstm` | i, f, g, o: each x·Wᵢ + bᵢ + h·Wₕ + bₕ; σ of i, f, o, tanh of g | c = f ⊙ c + i ⊙ g, h = o ⊙ tanh c |
/// | `gru` | r, z: σ(x·Wᵢ + bᵢ + h·Wₕ + bₕ); n = tanh(x·Wᵢ + bᵢ + r ⊙ (h·Wₕ + bₕ)) | h = (1 − z) ⊙ n + z ⊙ h |
///
/// These are PyTorch's `RNN`, `LSTM` and `GRU` with `batch_first=True`, their order of gates and their
/// two biases. Layer k, from 1, declares under `layer<k>`, and its reverse direction under
/// `layer<k>-reverse`, where G is the number of gates:
///
/// | parameter | sizes | PyTorch, for layer k |
/// |---|---|---|
/// | `weight-input` | [inputs, G·units] | `weight_ih_l<k−1>` transposed |
/// | `weight-hidden` | [units, G·units] | `weight_hh_l<k−1>` transposed |
/// | `bias-input` | [G·units] | `bias_ih_l<k−1>` |
/// | `bias-hidden` | [G·units] | `bias_hh_l<k−1>` |
///
/// PyTorch's names of the reverse direction end in `_reverse`. The second layer reads the states of the
/// first, those of both directions side by side, with dropout between layers but not behind the last.
///
/// The times are written out in the graph: a plan grows with the length of the sequence, and all times
/// of all layers and directions of a network together may be ``timeLimit`` at most.
///
/// - Shapes: x [batch, time, features] → [batch, time, units·directions], or with ``Output/last``
///   [batch, units·directions].
/// - Throws: `ShapeError` if x is no sequence or an initial state does not fit; ``ConfigurationError``
///   for options out of range.
/// - Source: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory" (1997), with forget gates (F. Gers
///   et al., 2000); K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), in
///   the form of cuDNN.
public struct Recurrent: Layer {
  /// What a state is made of.
  public enum Cell: String, Hashable, Sendable, CaseIterable { case rnn, lstm, gru }

  /// The function of the cell `rnn`.
  public enum Function: String, Hashable, Sendable, CaseIterable { case tanh, relu }

  /// What comes out.
  public enum Output: String, Hashable, Sendable, CaseIterable {
    /// The states of the last layer at all times.
    case sequence
    /// The last state of the last layer: forward that of the last time, reverse that of the first.
    case last
  }

  /// The states that a network begins or ends with: one value [batch, units] for each layer, with both
  /// directions forward and reverse by turns.
  public struct State {
    /// h of each layer and direction.
    public var hidden: [Value]
    /// c of each layer and direction; empty for other cells than LSTM.
    public var cell: [Value]

    /// Puts a state together.
    public init(hidden: [Value], cell: [Value] = []) { (self.hidden, self.cell) = (hidden, cell) }
  }

  /// The most times of a network, counted for each layer and direction.
  public static let timeLimit = 1 << 14

  /// The kind of cell.
  public var cell: Cell
  /// How many numbers a state has, for each direction.
  public var units: Int
  /// How many layers stand above each other.
  public var layers: Int
  /// Whether a second network goes from the last time to the first.
  public var isBidirectional: Bool
  /// What comes out.
  public var output: Output
  /// The rate of dropout between layers: at least 0, below 1.
  public var dropout: Double
  /// The function of the cell `rnn`; other cells do not look at it.
  public var function: Function
  /// How the weights start; biases start at 0.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    _ cell: Cell, _ units: Int, layers: Int = 1, isBidirectional: Bool = false,
    output: Output = .sequence, dropout: Double = 0, function: Function = .tanh,
    initializer: Initializer = .glorotUniform
  ) {
    (self.cell, self.units, self.layers) = (cell, units, layers)
    (self.isBidirectional, self.output) = (isBidirectional, output)
    (self.dropout, self.function, self.initializer) = (dropout, function, initializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try self(x, initial: nil, scope).output
  }

  /// The same from given states, with the states at the end: for a sequence that goes on, or for one
  /// that begins with what another one said.
  ///
  /// - Parameters:
  ///   - x: [batch, time, features].
  ///   - initial: the states before the first time; nil for zeros.
  ///   - scope: where parameters are declared.
  /// - Returns: what ``output`` says, and the last states.
  public func callAsFunction(
    _ x: Value, initial: State?, _ scope: Scope
  ) throws -> (output: Value, state: State) {
    try validate()
    try requireSequence(x, kind)
    try countTimes(x, scope)
    try initial.map { try check($0, batch: x.shape[0], x) }
    let directions = isBidirectional ? ["", "-reverse"] : [""]
    var (sequence, last) = (x, State(hidden: []))
    for layer in 1...layers {
      var outputs: [Value] = []
      for (number, suffix) in directions.enumerated() {
        let place = (layer - 1) * directions.count + number
        let start: [Value]? = initial.map { state in
          cell == .lstm ? [state.hidden[place], state.cell[place]] : [state.hidden[place]]
        }
        let (whole, state) = try scope("layer\(layer)\(suffix)") { inner in
          try self.run(sequence, start, isReverse: number == 1, inner)
        }
        outputs.append(whole)
        last.hidden.append(state[0])
        last.cell += state.dropFirst()
      }
      sequence = try outputs.joined(axis: 2)
      if layer < layers, dropout > 0 {
        sequence = try scope("dropout\(layer)", Dropout(dropout), sequence)
      }
    }
    guard output == .last else { return (sequence, last) }
    return (try last.hidden.suffix(directions.count).joined(axis: 1), last)
  }

  /// One layer in one direction.
  private func run(
    _ x: Value, _ start: [Value]?, isReverse: Bool, _ scope: Scope
  ) throws -> (sequence: Value, state: [Value]) {
    let (batch, time, features) = (x.shape[0], x.shape[1], x.shape[2])
    let parameters = try CellParameters(
      inputs: features, units: units, gates: cell.gates, initializer, scope)
    // All times in one product; what each then adds is a product of the state alone.
    let projected = try x.reshaped(to: [batch * time, features]).matmul(parameters.weightInput)
    let inputs = try (projected + parameters.bias(of: cell)).reshaped(
      to: [batch, time, cell.gates * units])
    let zeros = try x.constant(0).broadcast(to: [batch, units])
    var state = start ?? [Value](repeating: zeros, count: cell == .lstm ? 2 : 1)
    var outputs: [Value] = []
    for step in 0..<time {
      let place = isReverse ? time - 1 - step : step
      let input = try inputs.sliced(axis: 1, place..<place + 1).reshaped(
        to: [batch, cell.gates * units])
      state = try next(state, input, parameters)
      outputs.append(try state[0].reshaped(to: [batch, 1, units]))
    }
    return (try (isReverse ? outputs.reversed() : outputs).joined(axis: 1), state)
  }

  /// The state after one time.
  private func next(
    _ state: [Value], _ input: Value, _ parameters: CellParameters
  ) throws -> [Value] {
    let hidden = try state[0].matmul(parameters.weightHidden)
    func gate(_ number: Int, of value: Value) throws -> Value {
      try value.sliced(axis: 1, number * units..<(number + 1) * units)
    }
    switch cell {
    case .rnn:
      let z = try hidden + input
      return [try function == .tanh ? z.tanh() : z.relu()]
    case .lstm:
      let z = try hidden + input
      let (i, f) = (try gate(0, of: z).sigmoid(), try gate(1, of: z).sigmoid())
      let (g, o) = (try gate(2, of: z).tanh(), try gate(3, of: z).sigmoid())
      let c = try f * state[1] + i * g
      return [try o * c.tanh(), c]
    case .gru:
      let own = try hidden + parameters.biasHidden
      let r = try (gate(0, of: input) + gate(0, of: own)).sigmoid()
      let z = try (gate(1, of: input) + gate(1, of: own)).sigmoid()
      let n = try (gate(2, of: input) + r * gate(2, of: own)).tanh()
      return [try n + z * (state[0] - n)]
    }
  }

  private func validate() throws {
    for (name, value) in [("units", units), ("layers", layers)] where value < 1 {
      throw ConfigurationError(kind, "\(kind): \(name) is \(value); expected at least 1")
    }
    guard NumberRange.fraction.contains(dropout) else {
      throw ConfigurationError(
        kind,
        "\(kind): dropout is \(shortest(dropout)); expected \(NumberRange.fraction.rawValue)")
    }
  }

  private func countTimes(_ x: Value, _ scope: Scope) throws {
    try requireCountable([x.shape.rows, cell.gates, units], kind, x)
    let limit = Self.timeLimit - scope.trace.unrolledTimes
    let stacked = limit / (isBidirectional ? 2 : 1)
    guard layers <= stacked, x.shape[1] <= stacked / layers else {
      throw ShapeError(
        kind, [x.shape],
        "\(x.shape[1]) times are too many to write out: the layers and directions of a network may have "
          + "\(Self.timeLimit) together, of which \(limit) are left")
    }
    scope.trace.unrolledTimes += layers * (isBidirectional ? 2 : 1) * x.shape[1]
  }

  private func check(_ state: State, batch: Int, _ x: Value) throws {
    let count = layers * (isBidirectional ? 2 : 1)
    let cells = cell == .lstm ? count : 0
    guard state.hidden.count == count, state.cell.count == cells else {
      throw ShapeError(
        kind, [x.shape],
        "the initial state has \(state.hidden.count) hidden values and \(state.cell.count) cells; "
          + "expected \(count) and \(cells)")
    }
    for value in state.hidden + state.cell
    where value.type != ValueType([batch, units], x.scalarType) {
      throw ShapeError(
        kind, [x.shape, value.shape],
        "an initial state is \(value.type); expected [\(batch), \(units)], as the input is \(x.type)"
      )
    }
  }
}

extension Recurrent.Cell {
  /// How many gates a cell has.
  var gates: Int {
    switch self {
    case .rnn: 1
    case .lstm: 4
    case .gru: 3
    }
  }
}

/// The parameters of one layer in one direction.
private struct CellParameters {
  let weightInput, weightHidden, biasInput, biasHidden: Value

  init(
    inputs: Int, units: Int, gates: Int, _ initializer: Initializer, _ scope: Scope
  ) throws {
    let columns = gates * units
    weightInput = try scope.parameter(
      "weight-input", [inputs, columns], initializer, role: .weight)
    weightHidden = try scope.parameter(
      "weight-hidden", [units, columns], initializer, role: .weight)
    biasInput = try scope.parameter("bias-input", [columns], .zeros, role: .bias)
    biasHidden = try scope.parameter("bias-hidden", [columns], .zeros, role: .bias)
  }

  /// What is added for all times at once: both biases, unless a gate comes between.
  func bias(of cell: Recurrent.Cell) throws -> Value {
    cell == .gru ? biasInput : try biasInput + biasHidden
  }
}

extension Collection<Value> {
  /// These values one behind the other; one value stays as it is.
  func joined(axis: Int) throws -> Value {
    guard count > 1 else { return first! }
    return try first!.concatenated(with: Array(dropFirst()), axis: axis)
  }
}

extension Recurrent: SpecifiedLayer {
  /// One for each cell; their units must be said.
  public static let templates = Cell.allCases.map { Recurrent($0, 0) }

  public var kind: String { cell.rawValue }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("units", &units, isRequired: true)
    try options.count("layers", &layers)
    try options.flag("bidirectional", &isBidirectional)
    try options.choice("output", &output)
    try options.number("dropout", &dropout, .fraction)
    if cell == .rnn { try options.choice("function", &function) }
    try options.initializer("initializer", &initializer)
  }
}
