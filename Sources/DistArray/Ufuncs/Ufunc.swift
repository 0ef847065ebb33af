// A ufunc: a row of the table, and the choice of its loop for given operands.

import DAStore

/// An element-wise function of one, two or three arrays.
public struct Ufunc: Sendable {
  /// How far results may lie from the correctly rounded ones, in units of the last place; 0 where they are the same.
  public struct Accuracy: Sendable, Hashable {
    public var float16: Int
    public var float32: Int
    public var float64: Int

    /// The bound for a result of this type; 0 for integers and bool.
    func steps(_ dtype: DType) -> Int {
      switch dtype {
      case .float16: float16
      case .float32, .complex64: float32
      case .float64, .complex128: float64
      default: 0
      }
    }

    static let exact = Accuracy(float16: 0, float32: 0, float64: 0)
  }

  /// How operands of different types find a loop.
  enum Matching: Sendable {
    /// All take one type.
    case common
    /// As `common`, but integers are compared by value even where no type holds both.
    case comparison
    /// As `common`, but only whether a number is zero matters.
    case logical
    /// As `common`, but a plain integer beyond the type's range is no bound.
    case clip
    /// The second operand counts, the first has a type of its own.
    case exponent
    /// The first operand is a condition: of any type, to be converted to bool as `astype` does.
    case condition
  }

  /// NumPy's name.
  public let name: String
  /// NumPy's other name for it.
  public let alias: String?
  public let inputCount: Int
  public let outputCount: Int
  /// What it computes, in one line.
  public let summary: String
  public let accuracy: Accuracy
  let matching: Matching
  /// What to use in place of this ufunc for bools, where it refuses them although they would cast to its types.
  let insteadForBool: String?

  /// The element types of each loop's operands, in the order in which they are tried.
  public var loopInputTypes: [[DType]] { signatures.map(\.inputs) }

  var signatures: [UfuncSignature] { CompiledLoops.at(level: KernelLevel.best).signatures[name] ?? [] }

  /// The loop for these operands: the first to whose types all of them cast safely.
  ///
  /// - Throws: `.unsupportedDType` when there is none; `.invalidArgument` for a wrong number of operands, or a plain
  ///   integer that does not fit the type it takes.
  public func loop(for operands: [Operand]) throws(StoreError) -> UfuncLoop {
    try loop(for: operands, level: KernelLevel.best)
  }

  /// - Parameter level: The instruction set, at most `KernelLevel.best`.
  func loop(for operands: [Operand], level: Int32) throws(StoreError) -> UfuncLoop {
    guard operands.count == inputCount else {
      throw StoreError(
        .invalidArgument, "'\(name)' takes \(inputCount) operand\(inputCount == 1 ? "" : "s"), not \(operands.count)")
    }
    let prepared = matching.prepare(operands)
    let types = try matching.types(of: prepared)
    if let insteadForBool, types.allSatisfy({ $0 == .bool }) {
      throw StoreError(.unsupportedDType, "'\(name)' is not defined for bool: use \(insteadForBool)")
    }
    let fitting = signatures.first { signature in
      zip(types, signature.inputs).allSatisfy { $0.castsSafely(to: $1) }
    }
    guard let fitting else {
      throw StoreError(
        .unsupportedDType,
        "'\(name)' is not defined for \(operands.map(\.description).joined(separator: " and ")): it takes "
          + "\(takenTypes), and the operands do not cast safely to any of these; convert them with astype")
    }
    var scalars: [ElementValue?] = []
    for (operand, dtype) in zip(prepared, fitting.inputs) {
      scalars.append(try operand.element(as: dtype))
    }
    return CompiledLoops.at(level: level).loop(fitting, scalars: scalars)
  }

  private var takenTypes: String {
    var names: [String] = []
    for signature in signatures {
      let text =
        Set(signature.inputs).count == 1
        ? signature.inputs[0].name : signature.inputs.map(\.name).joined(separator: " with ")
      if !names.contains(text) { names.append(text) }
    }
    return names.joined(separator: ", ")
  }
}
