// An array whose bytes are read as elements of another type, as a dataset: the chunks of what it shows, byte for byte.

import DAStore

/// The chunks of another dataset under another element type.
///
/// Chunk n has the bytes of the source's chunk n: where the source's chunks would cut an element, those of
/// ``WholeElements`` take their place.
final class RetypedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let source: any ChunkedDataset

  /// - Parameters:
  ///   - operand: What is shown, without reductions.
  ///   - shape: Of the result: the operand's, with the last axis for elements of `dtype`.
  /// - Throws: `.internalFault` for a reduction inside.
  init(_ operand: Expression, shape: [Int], dtype: DType, name: String) throws(StoreError) {
    path = name
    let (old, new) = (operand.dtype.byteCount, dtype.byteCount)
    var source = try Materialisation.dataset(operand, name: name)
    let extents = source.description.grid
    if let last = extents.chunkShape.last, last * old % new != 0, extents.chunksPerAxis.last != 1 {
      let whole = try Expression.assembled(
        shape: operand.shape, [Expression(source)], WholeElements(shape: operand.shape, factor: new / old))
      source = try AssembledDataset(whole, name: name)
    }
    self.source = source
    var chunkShape = source.description.grid.chunkShape
    if let last = chunkShape.last, let size = operand.shape.last {
      chunkShape[chunkShape.count - 1] = max(1, (min(last, max(1, size)) * old + new - 1) / new)
    }
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype, grid: try ChunkGrid(shape: shape, chunkShape: chunkShape),
      storedByteCount: 0)
  }

  var sources: [Tape.Source] { [Tape.Source(dataset: source, view: AffineView(identity: source.description.shape))] }
  var largestStoredByteCount: Int { source.largestReadByteCount }
  var decodeScratchByteCount: Int { source.decodeScratchByteCount }
  var fileNumberBound: Int { source.fileNumberBound }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    switch try source.storage(of: number) {
    case .constant(let value):
      if let own = value.retyped(as: description.dtype) { .constant(own) } else { .encoded([]) }
    case .direct(let extents), .encoded(let extents): .encoded(extents)
    }
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { source.willRead(extent) }
  func finishReading() throws(StoreError) { try source.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    switch try source.storage(of: number) {
    case .constant(let value): value.fill(buffer)
    case .direct:
      guard stored.count == buffer.count else {
        throw StoreError(
          .corrupt, "chunk \(number) is stored in \(stored.count) bytes, expected \(buffer.count)", path: source.path)
      }
      try source.check(number, bytes: stored)
      buffer.copyMemory(from: stored)
    case .encoded: try source.decode(number, stored: stored, into: buffer, scratch: scratch)
    }
  }
}

extension ElementValue {
  /// The one value that many elements of this value have as elements of another type; `nil` where there are several.
  fileprivate func retyped(as dtype: DType) -> ElementValue? {
    let own = bytes
    let count = dtype.byteCount
    let wide = (0..<max(own.count, count)).map { own[$0 % own.count] }
    guard wide.indices.allSatisfy({ wide[$0] == wide[$0 % count] }) else { return nil }
    return wide.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }
}
