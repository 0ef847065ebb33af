// All ufuncs by name. Which loops they have is told by the compiled table; everything else by these rows.

import DAStore

/// The element-wise functions of the array algebra, each a row.
public enum UfuncTable {
  public static let all: [Ufunc] = arithmetic + integers + comparisons + choices + roundings + parts + elementary

  /// The ufunc of this name or alias.
  public static subscript(name: String) -> Ufunc? { byName[name] }

  private static let byName: [String: Ufunc] = Dictionary(
    all.flatMap { ufunc in [ufunc.name, ufunc.alias].compactMap { $0 }.map { ($0, ufunc) } },
    uniquingKeysWith: { first, _ in first })

  static func row(
    _ name: String, alias: String? = nil, takes inputs: Int = 1, makes outputs: Int = 1, _ summary: String,
    within accuracy: Ufunc.Accuracy = .exact, matching: Ufunc.Matching = .common, insteadForBool: String? = nil
  ) -> Ufunc {
    Ufunc(
      name: name, alias: alias, inputCount: inputs, outputCount: outputs, summary: summary, accuracy: accuracy,
      matching: matching, insteadForBool: insteadForBool)
  }
}
