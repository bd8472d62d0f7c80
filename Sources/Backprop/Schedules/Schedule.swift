/// How the learning rate changes with the step.
///
/// A schedule gives a factor for the base rate: `rate(step) = base · factor(step)`, steps counted
/// from 0.
public struct Schedule: Sendable, CustomStringConvertible {
  /// The text form, as on the command line.
  public let description: String
  private let function: @Sendable (Int) -> Double

  /// Makes a schedule from any function of the step.
  public init(_ description: String, _ factor: @escaping @Sendable (Int) -> Double) {
    (self.description, function) = (description, factor)
  }

  /// The factor of a step.
  public func factor(step: Int) -> Double { function(step) }
}
