// Where arrays live: the ranks that share them and the memory that each may use.

import DAStore
import MessagePassing

/// The ranks of a computation and each rank's budget: where arrays are opened and results asked for.
///
/// Every rank makes one context and calls its functions in the same order (SPMD). Nothing is computed before a result is
/// asked for; a result's passes stay within the budget, or are refused before they start, with the budget that would do.
public final class Context {
  public let communicator: Communicator
  /// Budget, helper threads, progress and interruption of every pass.
  public var options: StreamingOptions

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

  /// Computes arrays and gives every rank all their elements: for results, which are small.
  ///
  /// Statistics of one array over the same axes are made in one pass over it.
  /// - Returns: One per array, in order.
  /// - Throws: The same on every rank: the first error in making one of the expressions, `.memory` when the results or the
  ///   passes do not fit the budget, and what reading the sources throws.
  /// - Collective: yes.
  public func evaluate(_ arrays: [DistArray]) throws(StoreError) -> [DenseArray] {
    var expressions: [Expression] = []
    for array in arrays { expressions.append(try array.result.get()) }
    var materialisation = Materialisation(options: options, communicator: communicator)
    let ready = try materialisation(expressions)
    var results: [DenseArray] = []
    for expression in ready {
      results.append(
        try gathered(try Materialisation.dataset(expression), options: options, communicator: communicator))
    }
    return results
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
