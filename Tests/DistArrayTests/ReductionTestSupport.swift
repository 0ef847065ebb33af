// Arrays in memory as chunked datasets, and reductions of them without files or message passing.

import DAStore
import MessagePassing
import Testing

@testable import DistArray

/// An array in memory, cut into chunks that stand one after the other.
final class ChunkedMemory: ChunkedDataset {
  let path = "array in memory"
  let description: DatasetDescription
  private let chunks: [[UInt8]]
  private let offsets: [Int]

  /// - Parameter bytes: The whole array's elements in C order.
  init(shape: [Int], dtype: DType, chunkShape: [Int], bytes: [UInt8]) throws {
    let grid = try ChunkGrid(shape: shape, chunkShape: chunkShape)
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype, grid: grid, storedByteCount: bytes.count)
    let strides = rowMajorStrides(shape, elementByteCount: dtype.byteCount)
    chunks = (0..<grid.chunkCount).map { number in
      let region = grid.region(of: number)
      var chunk = [UInt8](repeating: 0, count: region.elementCount * dtype.byteCount)
      chunk.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes { source in
          let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
          copyBox(
            shape: region.shape, elementByteCount: dtype.byteCount, from: source.baseAddress! + start,
            sourceStrides: strides, to: target.baseAddress!,
            destinationStrides: rowMajorStrides(region.shape, elementByteCount: dtype.byteCount))
        }
      }
      return chunk
    }
    var offset = 0
    offsets = chunks.map { chunk in
      defer { offset += chunk.count }
      return offset
    }
  }

  func storage(of number: Int) -> ChunkStorage {
    .direct([StoredExtent(offset: offsets[number], byteCount: chunks[number].count)])
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    var done = 0
    for (offset, chunk) in zip(offsets, chunks) {
      let low = max(offset, extent.offset)
      let high = min(offset + chunk.count, extent.offset + extent.byteCount)
      if low >= high { continue }
      chunk.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer[(low - extent.offset)...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[low - offset..<high - offset]))
      }
      done += high - low
    }
    guard done == extent.byteCount else { throw StoreError(.truncated, "\(extent)", path: path) }
  }

  /// A sweep without a cache.
  func sweep(
    _ numbers: WorkList, _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    for number in numbers {
      let memory = try AlignedBuffer(byteCount: chunks[number].count)
      memory.bytes.copyBytes(from: chunks[number])
      try body(number, UnsafeRawBufferPointer(memory.bytes))
    }
  }

  /// The reduction as a single process does it.
  func reduce(_ request: ReductionRequest) throws -> ReductionResult {
    let plan = try ReductionPlan(request, over: self, ranks: 1)
    return try ReductionRun(plan: SharedSweep(plan), communicator: .serial, sweep: sweep).results()[0]
  }

  /// The reduction as `ranks` processes do it, one after the other and without message passing.
  func simulate(_ request: ReductionRequest, ranks: Int) throws -> ReductionResult {
    try simulate([request], ranks: ranks)[0]
  }

  /// Reductions in one sweep, as `ranks` processes make them.
  func simulate(_ requests: [ReductionRequest], ranks: Int) throws -> [ReductionResult] {
    let plans = try requests.map { try ReductionPlan($0, over: self, ranks: ranks) }
    let shared = SharedSweep(
      plans.map { SharedSweep.Part(plan: $0, field: ChunkField($0.dtype)) }, chunkByteCount: 0, ranks: ranks)
    var reducers: [[Reducer]] = []
    for rank in 0..<ranks {
      let pool = BufferPool(budget: shared.partialByteCount)
      var own = plans.map { Reducer(geometry: $0.geometry, dtype: $0.dtype, request: $0.request, pool: pool) }
      try sweep(shared.order.chunks(ofRank: rank, of: ranks)) { number, bytes throws(StoreError) in
        for index in own.indices { try own[index].add(chunk: number, bytes: bytes) }
      }
      reducers.append(own)
    }
    return try plans.indices.map { index in
      let plan = plans[index]
      var assembly = ResultAssembly(request: plan.request, dtype: plan.dtype, geometry: plan.geometry)
      for rank in 0..<ranks {
        for group in reducers[rank][index].sharedGroups {
          guard shared.order.owner(ofGroup: group, of: plan.geometry, ranks: ranks) == rank else { continue }
          for peer in rank + 1..<ranks {
            for node in reducers[peer][index].release(group: group) {
              reducers[rank][index].take(group: group, node: node)
            }
          }
          reducers[rank][index].finishShared(group: group)
        }
        let finished = reducers[rank][index].finished
        #expect(
          finished.map(\.group).sorted()
            == Array(shared.order.groups(ofRank: rank, of: plan.geometry, ranks: ranks)), "rank \(rank) of \(ranks)")
        for (group, values) in finished { try assembly.place(values.bytes[...], group: group) }
      }
      return assembly.result(histogram: nil, remarks: [])
    }
  }
}

/// The bytes of values.
func bytes<E: BitwiseCopyable>(of values: [E]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
