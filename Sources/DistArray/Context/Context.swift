// Where arrays live: the ranks that share them and the memory that each may use.

import DAStore
import Glibc
import MessagePassing

/// The ranks of a computation and each rank's budget: where arrays are opened and results asked for.
///
/// Every rank makes one context and calls its functions in the same order (SPMD). Nothing is computed before a result is
/// asked for; a result's passes stay within the budget, or are refused before they start, with the budget that would do.
public final class Context {
  public let communicator: Communicator
  /// Budget, helper threads, progress and interruption of every pass.
  ///
  /// What arrays in memory hold of the budget stays counted when these are replaced.
  public var options: StreamingOptions {
    didSet { options.held = oldValue.held }
  }
  /// Folder for what does not fit the memory; it holds files without names, which are gone when the process is. By
  /// default what the environment's `TMPDIR` says, or `/tmp`. Only arrays that become lazy again need it to be shared by
  /// all ranks.
  public var scratchDirectory: String
  /// What arrays in memory hold on this rank.
  var heldMemory: HeldMemory { options.held }
  /// What the last ``evaluate(_:writing:)`` did on this rank; `Profile(context.report, over: context.communicator)`
  /// gathers that of all.
  public private(set) var report = StreamingReport()

  /// A context over all ranks that `mpirun` started, or one rank without it.
  ///
  /// - Parameters:
  ///   - communicator: Other ranks than all; a process that starts message passing itself passes its communicator.
  ///   - memory: Bytes of data per rank; by default `DASTORE_MEMORY` or a quarter of the node's memory divided by its ranks,
  ///     at most 4 GiB.
  /// - Throws: `.messagePassing` when MPI cannot start; `.invalidArgument` when `DASTORE_MEMORY` is no amount.
  /// - Collective: yes.
  public init(communicator: Communicator? = nil, memory: MemoryBudget? = nil) throws(StoreError) {
    let ranks: Communicator
    if let communicator {
      ranks = communicator
    } else {
      ranks = try passing { () throws(MPIError) in try MPIEnvironment.start() }
    }
    let ranksOnNode = try passing { () throws(MPIError) in try ranks.nodeLocal.size }
    self.communicator = ranks
    let budget: MemoryBudget
    if let memory { budget = memory } else { budget = try .standard(ranksOnNode: ranksOnNode) }
    options = StreamingOptions(budget: budget)
    scratchDirectory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }

  /// Opens a stored array, a member, a generation or a part of one by its name: `u.dnpy`, `maps.npz:mask`, `u.dnpy@7`,
  /// `u.dnpy[0, ::2]`.
  ///
  /// - Throws: What `openDataset` of DAStore throws.
  /// - Collective: yes.
  public func open(_ name: String) throws(StoreError) -> DistArray {
    array(try openDataset(DatasetName(parsing: name), over: communicator))
  }

  /// A dataset as an array. Local; every rank gives a dataset of the same elements.
  public func array(_ dataset: any ChunkedDataset) -> DistArray {
    DistArray(.success(Expression(dataset)), context: self)
  }

  /// Elements in C order, the same on every rank, as an array in memory. Local.
  ///
  /// - Throws: `.invalidArgument` when the shape does not hold just these elements.
  public func array<E: Element>(_ elements: [E], shape: [Int]? = nil) throws(StoreError) -> DistArray {
    array(try MemoryDataset(elements, shape: shape))
  }

  /// Computes arrays and gives every rank all their elements, for results, which are small; and writes files.
  ///
  /// Statistics and elements of arrays that are computed in the same chunks come from one pass, which reads every source
  /// chunk once: `evaluate([speed.mean(), speed.max(axis: 0)], writing: [speed.file("speed.dnpy")])`. An array is
  /// computed in the chunks of its largest source. `.npy` files, files with other chunks than those, and what does not fit
  /// the budget together take passes of their own. The bits of a result do not depend on what it is made with.
  /// - Parameter files: Each appears under its name when the pass that makes it is over.
  /// - Returns: One per array, in order.
  /// - Throws: The same on every rank: the first error in making one of the expressions, `.alreadyExists`, `.memory` when
  ///   the results or the passes do not fit the budget, and what reading the sources and writing the files throws.
  /// - Collective: yes.
  public func evaluate(_ arrays: [DistArray], writing files: [ArrayFile] = []) throws(StoreError) -> [DenseArray] {
    try evaluation(arrays, files).results
  }

  /// The same, with what the passes did on this rank.
  func evaluation(
    _ arrays: [DistArray], _ files: [ArrayFile]
  ) throws(StoreError) -> (results: [DenseArray], report: StreamingReport) {
    for file in files { try file.target.check() }
    var materialisation = Materialisation(options: options, communicator: communicator)
    let results = try materialisation.outputs(outputs(arrays, files))
    report = materialisation.report
    return (results.compactMap { $0 }, report)
  }

  /// What is asked for of which expressions.
  func outputs(_ arrays: [DistArray], _ files: [ArrayFile]) throws(StoreError) -> [Materialisation.Output] {
    var outputs: [Materialisation.Output] = []
    for array in arrays { outputs.append(.init(expression: try array.result.get(), file: nil)) }
    for file in files { outputs.append(.init(expression: try file.array.result.get(), file: file.target)) }
    return outputs
  }

  public func evaluate(_ array: DistArray) throws(StoreError) -> DenseArray { try evaluate([array])[0] }

  public func evaluate(_ a: DistArray, _ b: DistArray) throws(StoreError) -> (DenseArray, DenseArray) {
    let results = try evaluate([a, b])
    return (results[0], results[1])
  }

  public func evaluate(
    _ a: DistArray, _ b: DistArray, _ c: DistArray
  ) throws(StoreError) -> (DenseArray, DenseArray, DenseArray) {
    let results = try evaluate([a, b, c])
    return (results[0], results[1], results[2])
  }
}
