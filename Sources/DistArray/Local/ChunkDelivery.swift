// Chunks put together from the ranks' parts: every rank packs what it owns of a round's chunks and sends it to their
// writers.

import DAStore
import MessagePassing

/// Hands an array in memory to a writer of chunks.
struct ChunkDelivery {
  let array: DistributedArray
  let rounds: ChunkRounds
  let memory: PooledBuffer
  private let elementByteCount: Int
  private var communicator: Communicator { array.context.communicator }

  init(_ array: DistributedArray, _ rounds: ChunkRounds) throws(StoreError) {
    self.array = array
    self.rounds = rounds
    memory = try array.localMemory()
    elementByteCount = array.dtype.byteCount
  }

  /// Writes all chunks; committing is left to the caller. Collective.
  func run(to writer: any ChunkedDatasetWriter) throws(StoreError) {
    let context = array.context
    let (chunks, incoming, outgoing) = try communicator.agree { () throws(StoreError) in
      (
        try context.heldMemory.lease(byteCount: rounds.chunkByteCount),
        try context.heldMemory.lease(byteCount: rounds.chunkByteCount),
        try context.heldMemory.lease(byteCount: rounds.outgoingByteCount)
      )
    }
    for round in 0..<rounds.roundCount {
      try communicator.agree { () throws(StoreError) in try context.options.checkForStop() }
      let sendCounts = pack(round, into: outgoing.bytes)
      let own = rounds.chunks(round: round, rank: communicator.rank)
      let parts = parts(of: own)
      let receiveCounts = parts.map { $0.reduce(0) { $0 + $1.elementCount } * elementByteCount }
      try passing { () throws(MPIError) in
        try communicator.allToAll(
          UnsafeRawBufferPointer(outgoing.bytes), sendCounts, into: incoming.bytes, receiveCounts)
      }
      try writer.write(unpack(parts, own, from: UnsafeRawBufferPointer(incoming.bytes), into: chunks.bytes))
    }
  }

  /// Packs this rank's elements of the round's chunks, writer after writer; says how many bytes each gets.
  private func pack(_ round: Int, into buffer: UnsafeMutableRawBufferPointer) -> [Int] {
    var counts = [Int](repeating: 0, count: communicator.size)
    guard let block = array.localBlock, let from = memory.bytes.baseAddress, var place = buffer.baseAddress else {
      return counts
    }
    let localStrides = rowMajorStrides(block.shape, elementByteCount: elementByteCount)
    for writer in 0..<rounds.writerCount {
      for number in rounds.chunks(round: round, rank: writer) {
        let region = rounds.grid.region(of: number)
        let part = OwnedPart(of: region, in: array.distribution, at: block.coordinates)
        part.forEachBox(regionStrides: region.shape.map { _ in 0 }, localStrides: localStrides) { box in
          copyBox(
            shape: box.shape, elementByteCount: elementByteCount, from: from + box.localOffset,
            sourceStrides: box.localStrides, to: place,
            destinationStrides: rowMajorStrides(box.shape, elementByteCount: elementByteCount))
          place += box.shape.reduce(elementByteCount, *)
        }
        counts[writer] += part.elementCount * elementByteCount
      }
    }
    return counts
  }

  /// What every rank owns of chunks, by rank, then by chunk.
  private func parts(of chunks: Range<Int>) -> [[OwnedPart]] {
    let distribution = array.distribution
    return (0..<communicator.size).map { rank in
      guard let coordinates = distribution.coordinates(ofRank: rank) else { return [] }
      return chunks.map { OwnedPart(of: rounds.grid.region(of: $0), in: distribution, at: coordinates) }
    }
  }

  /// Puts the chunks together from what the ranks sent, rank after rank, each chunk after chunk.
  private func unpack(
    _ parts: [[OwnedPart]], _ chunks: Range<Int>, from incoming: UnsafeRawBufferPointer,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> [ChunkToWrite] {
    guard var place = incoming.baseAddress, let base = buffer.baseAddress else { return [] }
    var starts: [Int] = [0]
    for number in chunks {
      starts.append((starts.last ?? 0) + rounds.grid.elementCount(of: number) * elementByteCount)
    }
    for partsOfRank in parts {
      for (index, part) in partsOfRank.enumerated() {
        let region = rounds.grid.region(of: chunks.lowerBound + index)
        let strides = rowMajorStrides(region.shape, elementByteCount: elementByteCount)
        part.forEachBox(regionStrides: strides, localStrides: strides.map { _ in 0 }) { box in
          copyBox(
            shape: box.shape, elementByteCount: elementByteCount, from: place,
            sourceStrides: rowMajorStrides(box.shape, elementByteCount: elementByteCount),
            to: base + starts[index] + box.regionOffset, destinationStrides: box.regionStrides)
          place += box.shape.reduce(elementByteCount, *)
        }
      }
    }
    return chunks.enumerated().map { index, number in
      ChunkToWrite(
        number: number, bytes: UnsafeRawBufferPointer(rebasing: buffer[starts[index]..<starts[index + 1]]))
    }
  }
}
