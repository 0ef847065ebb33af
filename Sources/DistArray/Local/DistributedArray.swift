// An array dealt out over ranks in memory: each rank holds its part, and users' code may work on it.

import DAStore
import MessagePassing

/// An array whose elements lie in the memory of the ranks, as a ``Distribution`` says.
///
/// A `DistArray` is what an array *is*; this is one that is there, and can be changed in place. References share the
/// elements. Functions are collective unless they say otherwise. The parts count against the context's budget for as
/// long as the array lives.
///
/// Where the distribution has communication padding, the parts also hold copies of their neighbours' elements. They
/// are right when an array is made and when it is distributed anew; ``exchangeHalos()`` brings them up to date after
/// elements were changed.
public final class DistributedArray {
  public let context: Context
  public let dtype: DType
  /// Which rank holds what; `redistribute(as:)` changes it.
  public internal(set) var distribution: Distribution
  /// This rank's part, or why it was lost.
  private var memory: Result<PooledBuffer, StoreError>

  /// Takes over a buffer that has the size of this rank's part.
  init(_ memory: PooledBuffer, dtype: DType, as distribution: Distribution, context: Context) {
    self.memory = .success(memory)
    self.dtype = dtype
    self.distribution = distribution
    self.context = context
  }

  public var shape: [Int] { distribution.shape }
  public var dimensionCount: Int { distribution.dimensionCount }
  /// Elements of the whole array.
  public var elementCount: Int { distribution.elementCount }
  /// The part of this rank, `nil` where it holds none. Local.
  public var localBlock: LocalBlock? { LocalBlock(distribution, rank: context.communicator.rank) }

  /// This rank's elements; no bytes on a rank that is no target.
  func localMemory() throws(StoreError) -> PooledBuffer { try memory.get() }

  func replaceMemory(_ new: Result<PooledBuffer, StoreError>) { memory = new }

  /// The same bytes as elements of another type: both arrays share them, so that what is written to one is seen in
  /// both. Local.
  ///
  /// The last axis has as many more or fewer elements as the types' sizes differ; every byte stays where it is. When
  /// one of the two is distributed anew in place, it gets memory of its own, and the other keeps the old: there must be
  /// room for both.
  /// - Throws: `.invalidArgument` where elements of the new type would be torn between ranks or are not there whole,
  ///   and without axes when sizes differ; why the elements were lost.
  public func viewed(as dtype: DType) throws(StoreError) -> DistributedArray {
    DistributedArray(
      try localMemory(), dtype: dtype, as: try distribution.viewed(from: self.dtype, as: dtype), context: context)
  }

  /// Calls `body` with this rank's part: its facts and its elements, dense and in C order. Local.
  ///
  /// - Parameter as: The Swift type of the elements: `StoredBool` for bool, `StoredComplex` for complex types.
  /// - Returns: What `body` returns; `nil` on a rank that holds no part, where it is not called.
  /// - Throws: `.unsupportedDType` when the elements have another type; what `body` throws.
  public func withLocalBlock<E: Element, Value>(
    as _: E.Type, _ body: (LocalBlock, Span<E>) throws -> Value
  ) throws -> Value? {
    guard let (block, elements) = try typed(E.self) else { return nil }
    return try withExtendedLifetime(memory) { try body(block, UnsafeBufferPointer(elements).span) }
  }

  /// Calls `body` with this rank's part, which it may change. Local.
  ///
  /// Copies on other ranks of what is changed here stay as they are until ``exchangeHalos()``.
  /// - Returns: What `body` returns; `nil` on a rank that holds no part, where it is not called.
  /// - Throws: As ``withLocalBlock(as:_:)``.
  public func withMutableLocalBlock<E: Element, Value>(
    as _: E.Type, _ body: (LocalBlock, inout MutableSpan<E>) throws -> Value
  ) throws -> Value? {
    guard let (block, elements) = try typed(E.self) else { return nil }
    return try withExtendedLifetime(memory) {
      var span = elements.mutableSpan
      return try body(block, &span)
    }
  }

  /// This rank's part as elements of a type: the buffer outlives every use, because the array does.
  private func typed<E: Element>(_: E.Type) throws(StoreError) -> (LocalBlock, UnsafeMutableBufferPointer<E>)? {
    guard E.dtype == dtype else {
      throw StoreError(
        .unsupportedDType, "elements are \(dtype.name), not \(E.dtype.name); ask for the array's own type")
    }
    let bytes = try localMemory().bytes
    guard let block = localBlock, let start = bytes.baseAddress else { return nil }
    let count = bytes.count / dtype.byteCount
    return (block, UnsafeMutableBufferPointer(start: start.bindMemory(to: E.self, capacity: count), count: count))
  }

  /// This rank's part for other libraries of the process, as the Distributed Array Protocol has it; nothing is copied.
  /// Local.
  ///
  /// The memory lives as long as the structure; `redistribute(as:)` gives this array other memory.
  /// - Throws: `.invalidArgument` on a rank that holds no part.
  public func protocolArray() throws(StoreError) -> ProtocolArray {
    let buffer = try localMemory()
    let rank = context.communicator.rank
    return try ProtocolArray(
      exporting: ProtocolBuffer(
        start: buffer.bytes.baseAddress, dtype: dtype, shape: distribution.localShape(ofRank: rank) ?? [0],
        keeping: buffer),
      of: distribution, rank: rank)
  }
}
