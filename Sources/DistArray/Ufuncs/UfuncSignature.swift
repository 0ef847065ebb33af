// The loops that exist, as the compiled table tells.

import CUfuncs
import DAStore

/// Element types for which a ufunc has a loop.
struct UfuncSignature: Sendable, Hashable {
  var name: String
  var inputs: [DType]
  var outputs: [DType]
}

/// The compiled loops of one instruction set.
struct CompiledLoops: Sendable {
  /// In NumPy's order of types: a search takes the first that fits.
  let signatures: [String: [UfuncSignature]]
  // Rows of a constant table, never written.
  private nonisolated(unsafe) let rows: [UfuncSignature: UnsafePointer<cufuncs_loop>]

  /// - Parameter level: At most `KernelLevel.best`.
  static func at(level: Int32) -> CompiledLoops { levels[Int(level)] }

  private static let levels = (0...KernelLevel.best).map(CompiledLoops.init(level:))

  private init(level: Int32) {
    var count: Int64 = 0
    let table = UnsafeBufferPointer(start: cufuncs_loops(level, &count), count: Int(count))
    var signatures: [String: [UfuncSignature]] = [:]
    var rows: [UfuncSignature: UnsafePointer<cufuncs_loop>] = [:]
    for (row, number) in zip(table, 0...) {
      let signature = UfuncSignature(
        name: String(cString: row.name),
        inputs: [row.inputs.0, row.inputs.1, row.inputs.2].prefix(Int(row.input_count)).map { DType.allCases[Int($0)] },
        outputs: [row.outputs.0, row.outputs.1].prefix(Int(row.output_count)).map { DType.allCases[Int($0)] })
      signatures[signature.name, default: []].append(signature)
      rows[signature] = table.baseAddress.map { $0 + number }
    }
    self.signatures = signatures
    self.rows = rows
  }

  /// - Precondition: The signature is one of `signatures`.
  func loop(_ signature: UfuncSignature, scalars: [ElementValue?]) -> UfuncLoop {
    guard let row = rows[signature] else { preconditionFailure("a loop of the table") }
    return UfuncLoop(signature: signature, row: row, scalars: scalars)
  }
}
