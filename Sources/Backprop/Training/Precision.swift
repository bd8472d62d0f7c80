public import BackpropCore
public import BackpropExecution

/// The numbers that a step computes in, by name.
///
/// | name | parameters, sums, optimiser | factors of matrix products |
/// |---|---|---|
/// | `float32` | float32 | float32 |
/// | `float64` | float64 | float64 |
/// | `bfloat16` | float32 | float32 rounded to bfloat16: 8 bits, the range of float32 |
///
/// With `bfloat16` an element of a product is off by up to about 2⁻⁸ of the sum of its terms' magnitudes; on CPUs with
/// AMX large products take about a third of the time. Model files hold float32 numbers and the name of the precision, so a
/// model is evaluated as it was trained.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  case float32, float64, bfloat16

  /// The type of parameters, sums and results.
  public var scalarType: ScalarType { self == .float64 ? .float64 : .float32 }

  /// What ``TrainingStep`` takes beside the type.
  public var options: PlanOptions {
    var options = PlanOptions()
    options.roundsFactors = self == .bfloat16
    return options
  }

  /// The precision of a name.
  ///
  /// - Throws: ``ConfigurationError`` for another name.
  public init(named name: String) throws {
    guard let known = Precision(rawValue: name) else {
      throw ConfigurationError.unknown("precision", name, known: Self.allCases.map(\.rawValue))
    }
    self = known
  }
}

extension TrainingStep {
  /// The precision by name: that of its numbers, or `bfloat16` if it rounds factors.
  public var namedPrecision: Precision {
    if options.roundsFactors, precision == .float32 { return .bfloat16 }
    return precision == .float64 ? .float64 : .float32
  }
}
