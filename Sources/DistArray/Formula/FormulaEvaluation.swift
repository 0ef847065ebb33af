// What a formula means: its names become arrays, its operators and calls lazy expressions.

import DAStore

/// Gives a formula's nodes their meaning, with NumPy's names and rules.
public struct FormulaEvaluation {
  let text: String
  private let arrays: [String: DistArray]
  let context: Context

  /// The array that a formula says, not yet computed.
  ///
  /// - Parameters:
  ///   - text: A formula, such as `sin(a) * b[::2] + mean(c, axis=0)`.
  ///   - arrays: What its names stand for. `pi`, `e`, `inf` and `nan` are numbers unless an array has the name.
  /// - Throws: A ``FormulaError`` with the place: for what the parser refuses, unknown names, and operations that the
  ///   arrays do not allow.
  public static func array(
    _ text: String, _ arrays: [String: DistArray], in context: Context
  ) throws(FormulaError) -> DistArray {
    let syntax = try FormulaSyntax.parse(text)
    let evaluation = FormulaEvaluation(text: text, arrays: arrays, context: context)
    return try evaluation.array(syntax)
  }

  private init(text: String, arrays: [String: DistArray], context: Context) {
    self.text = text
    self.arrays = arrays
    self.context = context
  }

  private static let constants: [String: Double] = ["pi": .pi, "e": 2.718281828459045, "inf": .infinity, "nan": .nan]

  /// Runs what may fail because of a node.
  func at<Value>(_ node: FormulaSyntax, _ body: () throws(StoreError) -> Value) throws(FormulaError) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw FormulaError(error.message, at: node.range, in: text)
    }
  }

  func failure(_ message: String, _ node: FormulaSyntax) -> FormulaError {
    FormulaError(message, at: node.range, in: text)
  }

  /// The node as an array; a number becomes an array without axes.
  func array(_ node: FormulaSyntax) throws(FormulaError) -> DistArray {
    try array(try value(node), node)
  }

  func array(_ value: FormulaValue, _ node: FormulaSyntax) throws(FormulaError) -> DistArray {
    switch value {
    case .array(let array): return array
    case .integer, .real, .complex, .bool:
      return try at(node) { () throws(StoreError) in
        let number = try value.argument
        guard case .number(let operand)? = number else {
          throw StoreError(.internalFault, "a number that is no operand")
        }
        let dtype = try operand.dtype(beside: nil)
        let element = try operand.element(as: dtype) ?? ElementValue(zero: dtype)
        return context.array(try MemoryDataset(shape: [], dtype: dtype, bytes: element.bytes, name: "number"))
      }
    case .list(let values):
      var isOfArrays = false
      if case .array? = values.first { isOfArrays = true }
      let advice = isOfArrays ? "; choose one of its \(values.count) arrays, as in modf(x)[0]" : ""
      throw failure("\(value.kindName) where an array is needed\(advice)", node)
    case .string, .none: throw failure("\(value.kindName) where an array is needed", node)
    }
  }

  /// What a node stands for.
  ///
  /// Only chains such as `x + y + …` and `x[0].T…` can be long; they are followed without recursion.
  func value(_ node: FormulaSyntax) throws(FormulaError) -> FormulaValue {
    var links: [FormulaSyntax] = []
    var first = node
    while let next = first.leading {
      links.append(first)
      first = next
    }
    var value = try own(first)
    for link in links.reversed() { value = try linked(link, value) }
    return value
  }

  /// The value of a node that does not begin with another.
  private func own(_ node: FormulaSyntax) throws(FormulaError) -> FormulaValue {
    switch node.kind {
    case .integer(let value): return .integer(value)
    case .float(let value): return .real(value)
    case .imaginary(let value): return .complex(0, value)
    case .bool(let value): return .bool(value)
    case .none: return .none
    case .string(let value): return .string(value)
    case .tuple(let elements), .list(let elements):
      var values: [FormulaValue] = []
      for element in elements { values.append(try value(element)) }
      return .list(values)
    case .name(let name): return try meaning(of: name, node)
    case .unary(let operation, let operand): return try unary(operation, operand, node)
    case .call(let callee, let arguments, let keywords):
      guard let name = callee.functionName else { throw failure("only functions and methods can be called", callee) }
      return try call(named(name, callee), on: nil, arguments, keywords, node)
    case .binary, .attribute, .subscripted, .slice, .ellipsis:
      throw failure("stands only between the brackets of an array", node)
    }
  }

  /// The value of a node whose leading part has a value.
  private func linked(_ node: FormulaSyntax, _ first: FormulaValue) throws(FormulaError) -> FormulaValue {
    switch node.kind {
    case .binary(let operation, let left, let right):
      return try binary(operation, (first, left), (value(right), right), node)
    case .attribute(let of, let name):
      if let size = try size(name, of: first, of) { return size }
      guard let function = FormulaFunction(attribute: name) else {
        throw FormulaError.unknown(
          "attribute", name, at: node.range, in: text, known: ["T", "real", "imag", "shape", "size", "ndim"])
      }
      return try call(function, on: (first, of), [], [], node)
    case .subscripted(let of, let items):
      if case .list(let list) = first { return try element(of: list, items, node) }
      return .array(try checked(try subscripted(try array(first, of), items, node), node))
    case .call(let callee, let arguments, let keywords):
      guard case .attribute(let of, let name) = callee.kind else { return try own(node) }
      return try call(named(name, callee), on: (first, of), arguments, keywords, node)
    default: return try own(node)
    }
  }

  /// What an attribute says of an array's shape; `nil` for other attributes.
  private func size(
    _ name: String, of value: FormulaValue, _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue? {
    guard ["shape", "size", "ndim"].contains(name) else { return nil }
    let shape = try array(value, node).shape
    switch name {
    case "shape": return .list(shape.map { .integer(Int128($0)) })
    case "ndim": return .integer(Int128(shape.count))
    default: return .integer(Int128(shape.reduce(1, saturatingProduct)))
    }
  }

  private func meaning(of name: String, _ node: FormulaSyntax) throws(FormulaError) -> FormulaValue {
    if let array = arrays[name] { return .array(array) }
    if let number = Self.constants[name] { return .real(number) }
    if FormulaFunction(name: name) != nil { throw failure("'\(name)' is a function; call it with parentheses", node) }
    throw FormulaError.unknown(
      "name", name, at: node.range, in: text, known: Array(arrays.keys) + Array(Self.constants.keys))
  }

  /// An array whose making must not have failed.
  func checked(_ array: DistArray, _ node: FormulaSyntax) throws(FormulaError) -> DistArray {
    try at(node) { () throws(StoreError) in try array.check() }
    return array
  }

  private func named(_ name: String, _ node: FormulaSyntax) throws(FormulaError) -> FormulaFunction {
    if let function = FormulaFunction(name: name) { return function }
    throw FormulaError.unknown("function", name, at: node.range, in: text, known: FormulaFunction.names)
  }

  private func unary(
    _ operation: FormulaSyntax.UnaryOperator, _ operand: FormulaSyntax, _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    let value = try value(operand)
    if let folded = try at(node, { () throws(StoreError) in try FormulaValue.folded(operation, value) }) {
      return folded
    }
    let name =
      switch operation {
      case .plus: "positive"
      case .minus: "negative"
      case .invert: "invert"
      }
    return try ufunc(name, [value], [operand], node)
  }

  private func binary(
    _ operation: FormulaSyntax.BinaryOperator, _ left: (value: FormulaValue, node: FormulaSyntax),
    _ right: (value: FormulaValue, node: FormulaSyntax), _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    if let folded = try at(
      node,
      { () throws(StoreError) in
        try FormulaValue.folded(operation, left.value, right.value)
      })
    {
      return folded
    }
    guard let name = operation.ufuncName else {
      let product = matmul(try array(left.value, left.node), try array(right.value, right.node))
      return .array(try checked(product, node))
    }
    return try ufunc(name, [left.value, right.value], [left.node, right.node], node)
  }

  /// Applies a ufunc; several results are a list.
  func ufunc(
    _ name: String, _ values: [FormulaValue], _ nodes: [FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    guard let ufunc = UfuncTable[name] else { throw failure("unknown function '\(name)'", node) }
    var arguments: [Expression.Argument] = []
    for (value, place) in zip(values, nodes) {
      guard let argument = try at(place, { () throws(StoreError) in try value.argument }) else {
        throw failure("\(value.kindName) where an array or a number is needed", place)
      }
      arguments.append(argument)
    }
    return try at(node) { () throws(StoreError) in try results(of: ufunc, arguments) }
  }
}

extension FormulaSyntax {
  /// The name of a function, also as `linalg.norm`; `nil` for methods.
  fileprivate var functionName: String? {
    switch kind {
    case .name(let name): name
    case .attribute(let of, let name): of.kind == .name("linalg") ? name : nil
    default: nil
    }
  }

  /// The part with which an operation, a method or a subscript begins.
  fileprivate var leading: FormulaSyntax? {
    switch kind {
    case .binary(_, let left, _): return left
    case .attribute(let of, _), .subscripted(let of, _): return of
    case .call(let callee, _, _):
      if callee.functionName == nil, case .attribute(let of, _) = callee.kind { return of }
      return nil
    default: return nil
    }
  }
}

extension FormulaSyntax.BinaryOperator {
  /// `nil` for the product of matrices.
  fileprivate var ufuncName: String? {
    switch self {
    case .less: "less"
    case .lessOrEqual: "less_equal"
    case .equal: "equal"
    case .notEqual: "not_equal"
    case .greaterOrEqual: "greater_equal"
    case .greater: "greater"
    case .or: "bitwise_or"
    case .exclusiveOr: "bitwise_xor"
    case .and: "bitwise_and"
    case .shiftLeft: "left_shift"
    case .shiftRight: "right_shift"
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .divide: "divide"
    case .floorDivide: "floor_divide"
    case .remainder: "remainder"
    case .power: "power"
    case .matrixMultiply: nil
    }
  }
}
