// How operands of different types, and plain numbers beside arrays, are brought to the types of a loop.

import DAStore

extension Ufunc.Matching {
  /// Replaces plain numbers that the function does not take at their value.
  func prepare(_ operands: [Operand]) -> [Operand] {
    switch self {
    case .comparison:
      // Beyond all integers, infinity compares the same.
      return operands.map { operand in
        guard case .weakInt(let value) = operand else { return operand }
        if value > Int128(UInt64.max) { return .weakFloat(.infinity) }
        return value < Int128(Int64.min) ? .weakFloat(-.infinity) : operand
      }
    case .logical:
      return operands.map { operand in
        switch operand {
        case .weakInt(let value): .weakBool(value != 0)
        default: operand
        }
      }
    case .clip:
      guard case .typed = operands[0], let range = commonType(operands)?.integerRange else { return operands }
      return operands.enumerated().map { position, operand in
        guard case .weakInt(let value) = operand else { return operand }
        if position == 1, value < range.lowerBound { return .weakInt(range.lowerBound) }
        if position == 2, value > range.upperBound { return .weakInt(range.upperBound) }
        return operand
      }
    case .common, .exponent, .condition: return operands
    }
  }

  /// The types that operands bring to the search for a loop.
  func types(of operands: [Operand]) throws(StoreError) -> [DType] {
    switch self {
    case .exponent:
      // NumPy takes the first loop's float16 for a plain integer beside exponents.
      let isPlain = operands[0].dtype == nil && operands[1].dtype?.isInteger == true
      let first = try operands[0].dtype(beside: isPlain ? .int8 : nil)
      guard case .weakInt = operands[1] else { return [first, try operands[1].dtype(beside: nil)] }
      return [first, operands[0].dtype == nil ? .int64 : .int32]
    case .condition:
      let choices = try Ufunc.Matching.common.types(of: Array(operands.dropFirst()))
      return [.bool] + choices
    case .common, .comparison, .logical, .clip:
      let common = commonType(operands)
      var types: [DType] = []
      for operand in operands {
        var neighbour = common
        if self == .comparison, case .weakInt(let value) = operand, common?.integerRange?.contains(value) == false {
          neighbour = nil
        }
        types.append(try operand.dtype(beside: neighbour))
      }
      return types
    }
  }

  private func commonType(_ operands: [Operand]) -> DType? {
    let types = operands.compactMap(\.dtype)
    return types.dropFirst().reduce(types.first) { common, dtype in common.map { promote($0, dtype) } }
  }
}
