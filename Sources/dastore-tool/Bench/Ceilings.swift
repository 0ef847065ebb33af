// What this machine can do without us: the bounds that the engine's speed is compared with.

import DAStore
import Glibc

/// Bounds measured by this rank alone, between barriers that the caller puts around them.
enum Ceilings {
  private static let pieceByteCount = 1 << 20

  /// Reads this rank's share of a file with plain `pread(2)` into one reused buffer.
  ///
  /// - Returns: Bytes read by this rank.
  static func read(_ path: String, rank: Int, of ranks: Int) throws(StoreError) -> Int {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw systemError("cannot be read", path) }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 4096)
    defer { buffer.deallocate() }
    var offset = size / ranks * rank
    let end = rank == ranks - 1 ? size : size / ranks * (rank + 1)
    var total = 0
    while offset < end {
      let count = pread(file, buffer.baseAddress, min(pieceByteCount, end - offset), off_t(offset))
      guard count > 0 else { throw systemError("cannot be read at byte \(offset)", path) }
      offset += count
      total += count
    }
    return total
  }

  /// Drops a file's clean pages from the page cache, so that the next read comes from the disk.
  static func dropFromPageCache(_ path: String) throws(StoreError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw systemError("cannot be read", path) }
    defer { close(file) }
    fsync(file)
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Writes `byteCount` bytes that do not compress and makes them durable, as `dd conv=fsync` does.
  static func write(_ byteCount: Int, to path: String) throws(StoreError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw systemError("cannot be written", path) }
    defer {
      close(file)
      unlink(path)
    }
    var generator = SystemRandomNumberGenerator()
    let piece = (0..<pieceByteCount / 8).map { _ in generator.next() }
    var done = 0
    while done < byteCount {
      let part = min(pieceByteCount, byteCount - done)
      let count = piece.withUnsafeBytes { pwrite(file, $0.baseAddress, part, off_t(done)) }
      guard count > 0 else { throw systemError("cannot be written at byte \(done)", path) }
      done += count
    }
    guard fsync(file) == 0 else { throw systemError("could not be made durable", path) }
  }
}

/// Encoded chunks in memory, to be decoded and encoded without any file.
struct ChunkSample {
  private let chain: CodecChain
  private let elementByteCount: Int
  private var chunks: [(stored: [UInt8], isEncoded: Bool, elements: [UInt8])] = []

  /// Reads this rank's share of up to 64 MiB of decoded chunks.
  init(_ dataset: any ChunkedDataset, rank: Int, of ranks: Int, pool: BufferPool) throws(StoreError) {
    let facts = dataset.description
    chain = try CodecChain(names: facts.codecs)
    elementByteCount = facts.dtype.byteCount
    let wanted = max(1, (64 << 20) / max(1, facts.largestChunkByteCount))
    let first = facts.grid.chunkCount / ranks * rank
    for number in first..<min(first + wanted, facts.grid.chunkCount) {
      let decoded = try pool.lease(byteCount: facts.byteCount(ofChunk: number))
      try dataset.readChunk(number, into: decoded.bytes, pool: pool)
      var stored: [UInt8] = []
      var isEncoded = false
      if case .encoded(let extents) = try dataset.storage(of: number) {
        isEncoded = true
        for extent in extents {
          let bytes = try pool.lease(byteCount: extent.byteCount)
          try dataset.read(extent, into: bytes.bytes)
          stored += bytes.bytes
        }
      }
      chunks.append((stored, isEncoded, Array(decoded.bytes)))
    }
  }

  /// Decoded bytes of one pass over the sample.
  var byteCount: Int { chunks.reduce(0) { $0 + $1.elements.count } }

  /// Decodes every chunk into one reused buffer.
  func decode() throws(StoreError) {
    var buffer = [UInt8](repeating: 0, count: chunks.map(\.elements.count).max() ?? 0)
    var scratch = [UInt8](repeating: 0, count: chain.scratchByteCount(for: buffer.count))
    for chunk in chunks where chunk.isEncoded {
      try buffer.withUnsafeMutableBufferPointer { target throws(StoreError) in
        try scratch.withUnsafeMutableBufferPointer { scratch throws(StoreError) in
          try chunk.stored.withBytes { stored throws(StoreError) in
            try chain.decode(
              stored, elementByteCount: elementByteCount,
              into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<chunk.elements.count]),
              scratch: UnsafeMutableRawBufferPointer(scratch))
          }
        }
      }
    }
  }

  /// Encodes every chunk into one reused buffer.
  func encode() throws(StoreError) {
    let largest = chunks.map(\.elements.count).max() ?? 0
    var buffer = [UInt8](repeating: 0, count: chain.maximumEncodedByteCount(for: largest))
    var scratch = [UInt8](repeating: 0, count: chain.scratchByteCount(for: largest))
    for chunk in chunks {
      try buffer.withUnsafeMutableBufferPointer { target throws(StoreError) in
        try scratch.withUnsafeMutableBufferPointer { scratch throws(StoreError) in
          try chunk.elements.withBytes { elements throws(StoreError) in
            _ = try chain.encode(
              elements, elementByteCount: elementByteCount, into: UnsafeMutableRawBufferPointer(target),
              scratch: UnsafeMutableRawBufferPointer(scratch))
          }
        }
      }
    }
  }
}
