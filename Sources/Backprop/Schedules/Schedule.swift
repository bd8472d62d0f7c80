/// How the learning rate changes with the step, and perhaps with the validation loss.
///
/// A schedule gives a factor for the base rate: `rate(step) = base · factor(step)`, steps counted
/// from 0. Any function of the step makes one:
///
/// ```swift
/// let halved = Schedule("half") { step in step < 1000 ? 1 : 0.5 }
/// ```
///
/// The function must be pure: a training that goes on from a checkpoint calls it again, and the text
/// stands for it in the run's files.
public struct Schedule: Sendable, CustomStringConvertible {
  /// The text form, as on the command line.
  public let description: String
  private let function: @Sendable (Int) -> Double
  /// The part that depends on the validation loss; nil for none.
  let plateau: Plateau?

  /// Makes a schedule from any function of the step.
  public init(_ description: String, _ factor: @escaping @Sendable (Int) -> Double) {
    self.init(description, plateau: nil, factor)
  }

  init(
    _ description: String, plateau: Plateau?, _ factor: @escaping @Sendable (Int) -> Double
  ) {
    (self.description, self.plateau, function) = (description, plateau, factor)
  }

  /// The factor of a step.
  public func factor(step: Int) -> Double { function(step) }

  /// What a ``Plateau`` makes of the validation losses so far, another factor; 1 for a schedule
  /// without one.
  public func factor(validationLosses: [Double]) -> Double {
    plateau?.factor(after: validationLosses) ?? 1
  }
}
