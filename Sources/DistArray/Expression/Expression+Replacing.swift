// Expressions with other expressions in place of some of their nodes.

import DAStore

extension Expression {
  /// The node with others in place of some below it; shared nodes stay shared, and results of one application too.
  ///
  /// - Parameters:
  ///   - replaced: What is known already, and what comes to be known.
  ///   - body: What stands in for a node, `nil` for the node itself made from its new operands.
  func replacing(
    _ replaced: inout [ObjectIdentifier: Expression], _ body: (Expression) throws(StoreError) -> Expression?
  ) throws(StoreError) -> Expression {
    var applications: [ObjectIdentifier: Application] = [:]
    return try replacing(&replaced, &applications, body)
  }

  private func replacing(
    _ replaced: inout [ObjectIdentifier: Expression], _ applications: inout [ObjectIdentifier: Application],
    _ body: (Expression) throws(StoreError) -> Expression?
  ) throws(StoreError) -> Expression {
    if let known = replaced[ObjectIdentifier(self)] { return known }
    let result: Expression
    if let other = try body(self) {
      result = other
    } else {
      switch kind {
      case .stored: return self
      case .view(let inner, let view):
        let own = try inner.replacing(&replaced, &applications, body)
        result = own === inner ? self : Expression(shape: shape, dtype: dtype, .view(own, view))
      case .retyped(let inner):
        let own = try inner.replacing(&replaced, &applications, body)
        result = own === inner ? self : Expression(shape: shape, dtype: dtype, .retyped(own))
      case .reduced(let inner, let reduction):
        let own = try inner.replacing(&replaced, &applications, body)
        result = own === inner ? self : Expression(shape: shape, dtype: dtype, .reduced(own, reduction))
      case .assembled(let assembly):
        var parts: [Expression] = []
        for part in assembly.parts { parts.append(try part.replacing(&replaced, &applications, body)) }
        let isSame = zip(parts, assembly.parts).allSatisfy { $0 === $1 }
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .assembled(Assembly(parts, assembly.layout)))
      case .masked(let masked):
        let array = try masked.array.replacing(&replaced, &applications, body)
        let mask = try masked.mask.replacing(&replaced, &applications, body)
        let isSame = array === masked.array && mask === masked.mask
        let own = MaskedArray(array, mask, masked.counts, of: masked.whole)
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .masked(own))
      case .product(let product):
        let a = try product.a.replacing(&replaced, &applications, body)
        let b = try product.b.replacing(&replaced, &applications, body)
        let isSame = a === product.a && b === product.b
        result =
          isSame ? self : Expression(shape: shape, dtype: dtype, .product(MatrixProduct(a, b, product.geometry)))
      case .mapped(let mapped):
        var inputs: [Expression] = []
        for input in mapped.inputs { inputs.append(try input.replacing(&replaced, &applications, body)) }
        let isSame = zip(inputs, mapped.inputs).allSatisfy { $0 === $1 }
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .mapped(MappedArray(inputs, mapped.mapping)))
      case .cumulated(let cumulated):
        let own = try cumulated.replacing { node throws(StoreError) in
          try node.replacing(&replaced, &applications, body)
        }
        result = own === cumulated ? self : Expression(shape: shape, dtype: dtype, .cumulated(own))
      case .picked(let picked):
        let array = try picked.array.replacing(&replaced, &applications, body)
        let isSame = array === picked.array
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .picked(PickedArray(array, picked.points)))
      case .patched(let patched):
        let array = try patched.array.replacing(&replaced, &applications, body)
        var values = patched.values
        if case .pending(let own) = values { values = .pending(try own.replacing(&replaced, &applications, body)) }
        result = Expression(
          shape: shape, dtype: dtype, .patched(PatchedArray(array, patched.view, patched.points, values)))
      case .spread(let spread):
        let array = try spread.array.replacing(&replaced, &applications, body)
        let mask = try spread.mask.replacing(&replaced, &applications, body)
        let values = try spread.values.replacing(&replaced, &applications, body)
        let isSame = array === spread.array && mask === spread.mask && values === spread.values
        let own = SpreadArray(array, mask, spread.counts, values)
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .spread(own))
      case .rechunked(let rechunked):
        let own = try rechunked.array.replacing(&replaced, &applications, body)
        let isSame = own === rechunked.array
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .rechunked(rechunked.with(own)))
      case .applied(let application, let index):
        var own = applications[ObjectIdentifier(application)]
        if own == nil {
          var inputs: [Expression?] = []
          for input in application.inputs {
            inputs.append(
              try input.map { input throws(StoreError) in try input.replacing(&replaced, &applications, body) })
          }
          let isSame = zip(inputs, application.inputs).allSatisfy { $0 === $1 }
          own = isSame ? application : Application(application.loop, inputs, shape: application.shape)
          applications[ObjectIdentifier(application)] = own
        }
        guard let own else { return self }
        result = own === application ? self : Expression(shape: shape, dtype: dtype, .applied(own, result: index))
      }
    }
    replaced[ObjectIdentifier(self)] = result
    return result
  }
}
