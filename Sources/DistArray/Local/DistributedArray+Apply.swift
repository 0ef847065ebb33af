// Users' functions on the ranks' parts of distributed arrays.

import DAStore

extension DistributedArray {
  /// Lets every rank change its part; a rank that holds none takes part without calling `body`.
  ///
  /// - Parameter body: Gets the part's facts and its elements, dense, in C order. It must not call collective functions.
  /// - Throws: On every rank what the first failing rank's `body` threw, other errors than `StoreError` as
  ///   `.invalidArgument` with their text; `.unsupportedDType` when the elements have another type.
  /// - Collective: yes.
  public func apply<E: Element>(
    as _: E.Type, _ body: (LocalBlock, inout MutableSpan<E>) throws -> Void
  ) throws(StoreError) {
    try context.communicator.agree { () throws(StoreError) in
      try usersCode { _ = try withMutableLocalBlock(as: E.self, body) }
    }
  }

  /// Lets every rank change its part, reading its part of another array that is distributed alike.
  ///
  /// What a stencil needs: the next step is made from the step before, copies of neighbours' elements included.
  /// - Throws: As ``apply(as:_:)``; `.invalidArgument` when the two arrays are not distributed alike.
  /// - Collective: yes.
  public func apply<E: Element, Source: Element>(
    as _: E.Type, reading source: DistributedArray, as _: Source.Type,
    _ body: (LocalBlock, inout MutableSpan<E>, Span<Source>) throws -> Void
  ) throws(StoreError) {
    guard distribution.isCompatible(with: source.distribution) else {
      throw StoreError(
        .invalidArgument,
        "two arrays \(shapeText(shape)) and \(shapeText(source.shape)) that are not distributed alike; distribute one "
          + "as the other")
    }
    try context.communicator.agree { () throws(StoreError) in
      try usersCode {
        _ = try source.withLocalBlock(as: Source.self) { _, read in
          _ = try withMutableLocalBlock(as: E.self) { block, written in try body(block, &written, read) }
        }
      }
    }
  }

  /// Gives whatever users' code throws the type of this library.
  private func usersCode(_ body: () throws -> Void) throws(StoreError) {
    do {
      try body()
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.invalidArgument, "a function that was applied to the local blocks failed: \(error)")
    }
  }
}
