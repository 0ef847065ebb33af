// One ufunc for one choice of element types: what runs over tiles of elements.

import CUfuncs
import DAStore

/// An operand's elements in memory: as many as the loop runs over, or one that stands for them all.
public struct UfuncInput {
  public var elements: UnsafeRawPointer
  public var isSingle: Bool

  /// - Parameter elements: Dense, aligned for their type, and alive as long as this value is used.
  public init(_ elements: UnsafeRawPointer, isSingle: Bool = false) {
    self.elements = elements
    self.isSingle = isSingle
  }
}

/// A ufunc's kernel for given element types.
///
/// A value without state: it may run in many threads at once, and allocates nothing.
public struct UfuncLoop: Sendable {
  /// The ufunc's name.
  public let name: String
  public let inputTypes: [DType]
  public let outputTypes: [DType]
  /// The values of weak operands in their input's type, for the caller to pass as single elements; `nil` for typed
  /// operands.
  public let scalars: [ElementValue?]
  // A row of a constant table, which lives as long as the program and is never written.
  private nonisolated(unsafe) let row: UnsafePointer<cufuncs_loop>

  init(signature: UfuncSignature, row: UnsafePointer<cufuncs_loop>, scalars: [ElementValue?]) {
    name = signature.name
    inputTypes = signature.inputs
    outputTypes = signature.outputs
    self.scalars = scalars
    self.row = row
  }

  /// Computes `count` elements.
  ///
  /// - Parameters:
  ///   - inputs: One for each of `inputTypes`.
  ///   - outputs: One for each of `outputTypes`: dense, aligned, apart from all inputs, or exactly one input whose
  ///     elements have the same size.
  /// - Throws: `.invalidArgument` for an integer raised to a negative power, with its position; elements before it may
  ///   have been written.
  /// - Complexity: one pass over the operands.
  public func run(count: Int, inputs: [UfuncInput], outputs: [UnsafeMutableRawPointer]) throws(StoreError) {
    if let failed = firstFailure(count: count, inputs: inputs, outputs: outputs) {
      throw refusal(at: "element \(failed)")
    }
  }

  /// Does what ``run(count:inputs:outputs:)`` does, but gives the position of an element that cannot be computed.
  func firstFailure(count: Int, inputs: [UfuncInput], outputs: [UnsafeMutableRawPointer]) -> Int? {
    precondition(count >= 0, "a number of elements")
    precondition(inputs.count == inputTypes.count, "'\(name)' takes \(inputTypes.count) operands")
    precondition(outputs.count == outputTypes.count, "'\(name)' has \(outputTypes.count) results")
    func input(_ index: Int) -> cufuncs_input {
      guard index < inputs.count else { return cufuncs_input() }
      return cufuncs_input(elements: inputs[index].elements, is_single: inputs[index].isSingle ? 1 : 0)
    }
    let second = outputs.count > 1 ? outputs[1] : nil
    let failed = cufuncs_run(row, Int64(count), input(0), input(1), input(2), outputs[0], second)
    return failed < 0 ? nil : Int(failed)
  }

  /// Why the element at a place cannot be computed.
  func refusal(at place: String) -> StoreError {
    StoreError(
      .invalidArgument,
      "'\(name)' of \(inputTypes[0].name): integers to negative integer powers are not allowed (\(place)); convert one "
        + "operand to a floating-point type with astype")
  }
}
