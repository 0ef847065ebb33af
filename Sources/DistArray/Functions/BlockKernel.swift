// A user's function of blocks without its element types, as expressions carry it.

import DAStore

/// One call of a function of blocks: elements in memory, aligned for their types.
@usableFromInline
struct BlockCall {
  /// Per input, the elements with their halo, dense.
  var inputs: [UnsafeRawBufferPointer]
  /// Where the block lies in the inputs, and in the result.
  @usableFromInline var place: BlockPlace
  var resultPlace: BlockPlace
  var result: UnsafeMutableRawBufferPointer

  /// Input number `index` as a block of its type.
  @usableFromInline func block<E: Element>(_ index: Int, of _: E.Type) -> Block<E> {
    Block(place, inputs[index].assumingMemoryBound(to: E.self))
  }

  @usableFromInline func resultBlock<E: Element>(of _: E.Type) -> ResultBlock<E> {
    ResultBlock(resultPlace, result.assumingMemoryBound(to: E.self))
  }
}

/// A function of blocks for given element types. Runs in several threads at once.
@usableFromInline
struct BlockKernel: Sendable {
  /// What messages call it.
  let name: String
  let inputTypes: [DType]
  let resultType: DType
  let run: @Sendable (BlockCall) throws -> Void

  @usableFromInline init(
    name: String, inputTypes: [DType], resultType: DType, run: @escaping @Sendable (BlockCall) throws -> Void
  ) {
    self.name = name
    self.inputTypes = inputTypes
    self.resultType = resultType
    self.run = run
  }
}

/// What a function of single elements threw, and for which element of the block.
@usableFromInline
struct ElementFailure: Error {
  let offset: Int
  let cause: any Error

  @usableFromInline init(offset: Int, cause: any Error) {
    self.offset = offset
    self.cause = cause
  }
}

/// How a function's blocks are cut from arrays of one shape.
struct BlockMapping: Sendable {
  let kernel: BlockKernel
  /// Per axis of the inputs, how many elements beyond a block the function sees on either side.
  let halo: [Int]
  /// Per axis of the inputs, whether the result is without it; blocks have all of such an axis.
  let isDropped: [Bool]
  /// Extents of the blocks along the inputs' axes, if they were chosen.
  let chunkShape: [Int]?
}

/// What a function makes of blocks of arrays.
final class MappedArray: Sendable {
  /// Of the mapping's element types and of one shape, each with a frame as wide as the halo where there is one.
  let inputs: [Expression]
  let mapping: BlockMapping

  init(_ inputs: [Expression], _ mapping: BlockMapping) {
    precondition(inputs.map(\.dtype) == mapping.kernel.inputTypes, "inputs of the function's types")
    precondition(inputs.allSatisfy { $0.shape == inputs[0].shape }, "inputs of one shape")
    self.inputs = inputs
    self.mapping = mapping
  }

  /// The inputs' shape without frames.
  var shape: [Int] { zip(inputs[0].shape, mapping.halo).map { $0 - 2 * $1 } }
}
