/// What a column of a table is, told from its values or by its user.
///
/// Told from all rows of the file, in this order:
///
/// - ``empty``: every field is missing.
/// - ``constant``: one value in every row.
/// - ``identifier``: text that differs in every row; whole numbers that differ in every row, where
///   the name says so (`id`, `index`, `key`, `uuid`, `row`, or such a word at its end, as in
///   `customer_id`); or the first column, where it counts the rows from 0 or 1 and is not the only
///   input.
/// - ``number``: every value is a number. More than 20 different numbers among some text are an
///   error where they are the most: such a column is one of numbers with a mistake in it.
/// - ``text``: all else.
/// - ``class``: what a target is by ``TableTask``, and what no other column is unless it is said.
public enum ColumnKind: String, Hashable, Sendable, CaseIterable {
  /// Numbers, which a network takes as they are, standardised.
  case number
  /// Words, of which each becomes an input that is 1 or 0.
  case text
  /// Names of classes, even where they look like numbers; as an input, the same as ``text``.
  case `class`
  /// A name of the row, which says nothing of other rows: no input.
  case identifier
  /// The same in each row: no input.
  case constant
  /// Nothing in any row: no input.
  case empty

  /// Whether a column of the kind may be an input.
  var isInput: Bool { self == .number || self == .text || self == .class }
}
