public import BackpropCore

/// A layer that can be written as text: a kind, such as `dense`, with options by name.
///
/// A network of such layers, a ``Sequential``, is stored in `model.json` with all its options, and
/// ``Model/init(contentsOf:layers:)`` reads it back. People write the same form in YAML (see
/// ``LayerSpecification``).
///
/// Reading and writing are one function, so that an option stands in one place:
///
/// ```swift
/// struct Gain: SpecifiedLayer {
///   var start = 1.0
///
///   static let templates = [Gain()]
///   let kind = "gain"
///
///   mutating func visit(_ options: inout LayerOptions) throws {
///     try options.number("start", &start, .positive)
///   }
///
///   func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
///     try x * scope.parameter("gain", [x.shape.last], .constant(start), role: .scale)
///   }
/// }
/// let model = try Model(contentsOf: "gained", layers: .standard.adding(Gain.self))
/// ```
public protocol SpecifiedLayer: Layer {
  /// One layer of each kind that this type stands for, with the options it has unless told. An
  /// option that must be said may have any value here.
  static var templates: [Self] { get }
  /// The name of the kind, in kebab case.
  var kind: String { get }
  /// Reads or writes each option, the one that may stand without its name first.
  ///
  /// - Throws: ``ConfigurationError`` if a value is out of range.
  mutating func visit(_ options: inout LayerOptions) throws
}
