// Functions of single elements as functions of arrays.

import DAStore

/// A Swift function of one to three elements as a function of arrays, which broadcast. NumPy's `vectorize`.
///
///     let clamp = vectorize { (x: Double, limit: Double) in min(x, limit) }
///     let y = clamp(x, 1.5)
///
/// The element types are the function's own: arrays must convert to them safely, the result has the type it returns. A
/// call costs what a Swift call costs for each element; the functions of arrays that this library has are faster.
public struct VectorizedFunction: Sendable {
  let kernel: BlockKernel

  @usableFromInline init(_ kernel: BlockKernel) { self.kernel = kernel }

  /// Element type of the results.
  public var resultType: DType { kernel.resultType }

  /// The function of an array and further arrays or numbers, lazily; element by element in their common shape.
  ///
  /// What the function throws ends the pass on all ranks as `.functionFailed`, naming the element.
  public func callAsFunction(_ first: DistArray, _ others: any ArrayOperand...) -> DistArray {
    first.map { expression throws(StoreError) in
      guard others.count + 1 == kernel.inputTypes.count else {
        throw StoreError(
          .invalidArgument, "the function takes \(kernel.inputTypes.count) operands, not \(others.count + 1)")
      }
      var arrays = [first]
      for (operand, dtype) in zip(others, kernel.inputTypes.dropFirst()) {
        switch try operand.operand.argument.get() {
        case .array(let other): arrays.append(DistArray(.success(other), context: first.context))
        case .number(let number):
          let element = try number.value(as: dtype)
          arrays.append(
            first.context.array(
              try MemoryDataset(shape: [], dtype: dtype, bytes: element.bytes, name: "number")))
        }
      }
      var shapes: [[Int]] = []
      for array in arrays { shapes.append(try array.result.get().shape) }
      let shape = try broadcastShape(shapes)
      let inputs = try DistArray.inputs(arrays.map { $0.broadcast(to: shape) }, kernel)
      return try DistArray.mapped(
        inputs, shape,
        BlockMapping(
          kernel: kernel, halo: shape.map { _ in 0 }, isDropped: shape.map { _ in false }, chunkShape: nil))
    }
  }
}

/// A function of one element as a function of arrays.
///
/// - Parameter body: Gives the same for the same element; called by helper threads at once, for an element as often as
///   passes need it.
@inlinable
public func vectorize<A: Element, R: Element>(
  _ body: @escaping @Sendable (A) throws -> R
) -> VectorizedFunction {
  VectorizedFunction(
    BlockKernel(name: "vectorize", inputTypes: [A.dtype], resultType: R.dtype) { call in
      let a = call.block(0, of: A.self).elements
      let result = call.resultBlock(of: R.self).elements
      for index in result.indices {
        do { result[index] = try body(a[index]) } catch { throw ElementFailure(offset: index, cause: error) }
      }
    })
}

/// A function of two elements as a function of arrays.
@inlinable
public func vectorize<A: Element, B: Element, R: Element>(
  _ body: @escaping @Sendable (A, B) throws -> R
) -> VectorizedFunction {
  VectorizedFunction(
    BlockKernel(name: "vectorize", inputTypes: [A.dtype, B.dtype], resultType: R.dtype) { call in
      let (a, b) = (call.block(0, of: A.self).elements, call.block(1, of: B.self).elements)
      let result = call.resultBlock(of: R.self).elements
      for index in result.indices {
        do { result[index] = try body(a[index], b[index]) } catch { throw ElementFailure(offset: index, cause: error) }
      }
    })
}

/// A function of three elements as a function of arrays.
@inlinable
public func vectorize<A: Element, B: Element, C: Element, R: Element>(
  _ body: @escaping @Sendable (A, B, C) throws -> R
) -> VectorizedFunction {
  VectorizedFunction(
    BlockKernel(name: "vectorize", inputTypes: [A.dtype, B.dtype, C.dtype], resultType: R.dtype) { call in
      let (a, b) = (call.block(0, of: A.self).elements, call.block(1, of: B.self).elements)
      let c = call.block(2, of: C.self).elements
      let result = call.resultBlock(of: R.self).elements
      for index in result.indices {
        do { result[index] = try body(a[index], b[index], c[index]) } catch {
          throw ElementFailure(offset: index, cause: error)
        }
      }
    })
}
