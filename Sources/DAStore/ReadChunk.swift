// Reads one chunk without a cache: for verification and for the few chunks that a resize rewrites.

extension ChunkedDataset {
  /// Reads, checks and decodes chunk `number`. Local.
  ///
  /// - Precondition: `buffer` has exactly the chunk's decoded size.
  /// - Throws: `.corrupt`, `.truncated`, `.io`, `.memory`.
  package func readChunk(_ number: Int, into buffer: UnsafeMutableRawBufferPointer, pool: BufferPool) throws(StoreError) {
    switch try storage(of: number) {
    case .constant(let value):
      value.fill(buffer)
    case .direct(let extents):
      try readAll(extents, into: buffer)
      try check(number, bytes: UnsafeRawBufferPointer(buffer))
    case .encoded(let extents):
      let stored = try pool.lease(byteCount: extents.reduce(0) { $0 + $1.byteCount })
      let scratch = try pool.lease(byteCount: decodeScratchByteCount)
      try readAll(extents, into: stored.bytes)
      try decode(number, stored: UnsafeRawBufferPointer(stored.bytes), into: buffer, scratch: scratch.bytes)
    }
  }

  private func readAll(_ extents: [StoredExtent], into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    var done = 0
    for extent in extents {
      try read(extent, into: UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + extent.byteCount]))
      done += extent.byteCount
    }
  }
}
