// The value that users hold: an array that is stored, or that is computed when somebody asks for its elements.

import DAStore

/// An array of any size on the ranks of a context, like NumPy's.
///
/// Operators, functions and indexing make new arrays at no cost; no data is touched until a result is asked for with
/// `Context.evaluate` or ``write(to:chunks:codecs:overwrite:)``. What cannot be (shapes that do not broadcast, an axis out of
/// range) is remembered and thrown then; ``check()`` tells at once.
public struct DistArray {
  let result: Result<Expression, StoreError>
  public let context: Context

  init(_ result: Result<Expression, StoreError>, context: Context) {
    self.result = result
    self.context = context
  }

  /// Extents of the axes; empty for an array that cannot be.
  public var shape: [Int] { (try? result.get())?.shape ?? [] }

  /// Type of the elements.
  ///
  /// - Throws: Why the array cannot be.
  public var dtype: DType {
    get throws(StoreError) { try result.get().dtype }
  }

  public var dimensionCount: Int { shape.count }

  /// Throws the first error in the making of the array, if there is one. Local.
  public func check() throws(StoreError) { _ = try result.get() }

  /// An array made from this one; errors stay.
  func map(_ body: (Expression) throws(StoreError) -> Expression) -> DistArray {
    DistArray(Result { () throws(StoreError) in try body(result.get()) }, context: context)
  }
}

/// What may stand beside an array in an operator: arrays, and numbers, which take the array's element type where they can
/// (as Python's numbers do in NumPy 2).
public protocol ArrayOperand {
  var operand: DistArray.Operand { get }
}

extension DistArray: ArrayOperand {
  /// An array or a number.
  public enum Operand {
    case array(DistArray)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case complex(real: Double, imaginary: Double)
  }

  public var operand: Operand { .array(self) }
}

extension Int: ArrayOperand {
  public var operand: DistArray.Operand { .int(self) }
}

extension Double: ArrayOperand {
  public var operand: DistArray.Operand { .double(self) }
}

extension Bool: ArrayOperand {
  public var operand: DistArray.Operand { .bool(self) }
}

extension DistArray.Operand {
  var argument: Result<Expression.Argument, StoreError> {
    switch self {
    case .array(let array): array.result.map { .array($0) }
    case .int(let value): .success(.number(.weakInt(Int128(value))))
    case .double(let value): .success(.number(.weakFloat(value)))
    case .bool(let value): .success(.number(.weakBool(value)))
    case .complex(let real, let imaginary): .success(.number(.weakComplex(real: real, imaginary: imaginary)))
    }
  }
}

extension DistArray {
  /// Applies the ufunc of this name to this array and further operands; its results in order.
  ///
  /// - Parameter name: As in ``UfuncTable``.
  public static func apply(_ name: String, _ operands: [any ArrayOperand], in context: Context) -> [DistArray] {
    let results = Result { () throws(StoreError) -> [Expression] in
      guard let ufunc = UfuncTable[name] else {
        throw StoreError(.invalidArgument, "there is no ufunc '\(name)'")
      }
      var arguments: [Expression.Argument] = []
      for operand in operands { arguments.append(try operand.operand.argument.get()) }
      return try Expression.apply(ufunc, arguments)
    }
    switch results {
    case .success(let expressions): return expressions.map { DistArray(.success($0), context: context) }
    case .failure(let error):
      let count = UfuncTable[name]?.outputCount ?? 1
      return (0..<count).map { _ in DistArray(.failure(error), context: context) }
    }
  }

  func applying(_ name: String, _ others: any ArrayOperand...) -> DistArray {
    Self.apply(name, [self] + others, in: context)[0]
  }

  func applying(_ name: String, after first: any ArrayOperand) -> DistArray {
    Self.apply(name, [first, self], in: context)[0]
  }

  /// The elements in another type, converted as NumPy's `astype` does.
  public func astype(_ dtype: DType) -> DistArray {
    map { expression throws(StoreError) in try expression.converted(to: dtype) }
  }
}
