// Copies boxes between memory of any strides: the assembly of blocks from chunks and back.

/// Copies a box of elements between two strided memories that do not overlap.
///
/// Adjacent axes that are contiguous on both sides become one; the innermost run is a single copy where both sides are
/// dense, and tiles keep transposing copies inside the processor's caches.
/// - Parameters:
///   - shape: Extent of the box on every axis.
///   - elementByteCount: Size of one element: 1, 2, 4, 8 or 16.
///   - source: First element of the box in the source; `sourceStrides` in bytes, any order, may be zero or negative.
///   - destination: First element of the box in the destination; strides likewise.
/// - Complexity: one pass over the box.
package func copyBox(
  shape: [Int], elementByteCount: Int, from source: UnsafeRawPointer, sourceStrides: [Int],
  to destination: UnsafeMutableRawPointer, destinationStrides: [Int]
) {
  if shape.contains(0) { return }
  // Order axes by destination stride, largest first, drop unit axes, and join axes that continue each other.
  let order = shape.indices.filter { shape[$0] > 1 }.sorted {
    (abs(destinationStrides[$0]), abs(sourceStrides[$0])) > (abs(destinationStrides[$1]), abs(sourceStrides[$1]))
  }
  var axes: [CopyAxis] = []
  for axis in order {
    let next = CopyAxis(count: shape[axis], source: sourceStrides[axis], destination: destinationStrides[axis])
    if let last = axes.last, last.source == next.source * next.count, last.destination == next.destination * next.count {
      axes[axes.count - 1] = CopyAxis(count: last.count * next.count, source: next.source, destination: next.destination)
    } else {
      axes.append(next)
    }
  }
  switch elementByteCount {
  case 1: copyAxes(axes[...], UInt8.self, source, destination)
  case 2: copyAxes(axes[...], UInt16.self, source, destination)
  case 4: copyAxes(axes[...], UInt32.self, source, destination)
  case 8: copyAxes(axes[...], UInt64.self, source, destination)
  default:
    precondition(elementByteCount == 16, "an element of 1, 2, 4, 8 or 16 bytes")
    copyAxes(axes[...], SIMD2<UInt64>.self, source, destination)
  }
}

private struct CopyAxis {
  var count: Int
  var source: Int
  var destination: Int
}

private func copyAxes<Word: BitwiseCopyable>(
  _ axes: ArraySlice<CopyAxis>, _ word: Word.Type, _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer
) {
  let size = MemoryLayout<Word>.size
  guard let outer = axes.first else {
    destination.copyMemory(from: source, byteCount: size)
    return
  }
  if axes.count == 1 {
    if outer.source == size && outer.destination == size {
      destination.copyMemory(from: source, byteCount: outer.count * size)
    } else {
      copyRun(outer, word, source, destination)
    }
    return
  }
  if axes.count == 2, let inner = axes.last, abs(outer.source) < abs(inner.source) {
    copyTransposed(outer, inner, word, source, destination)
    return
  }
  let rest = axes.dropFirst()
  for index in 0..<outer.count {
    copyAxes(rest, word, source + index * outer.source, destination + index * outer.destination)
  }
}

private func copyRun<Word: BitwiseCopyable>(
  _ axis: CopyAxis, _: Word.Type, _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer
) {
  for index in 0..<axis.count {
    let element = (source + index * axis.source).loadUnaligned(as: Word.self)
    (destination + index * axis.destination).storeBytes(of: element, as: Word.self)
  }
}

/// Two axes whose order differs on the two sides: square tiles, so that both sides stay in cache.
private func copyTransposed<Word: BitwiseCopyable>(
  _ outer: CopyAxis, _ inner: CopyAxis, _ word: Word.Type, _ source: UnsafeRawPointer,
  _ destination: UnsafeMutableRawPointer
) {
  let tile = 32
  for outerStart in stride(from: 0, to: outer.count, by: tile) {
    let outerEnd = min(outerStart + tile, outer.count)
    for innerStart in stride(from: 0, to: inner.count, by: tile) {
      let run = CopyAxis(
        count: min(tile, inner.count - innerStart), source: inner.source, destination: inner.destination)
      for index in outerStart..<outerEnd {
        copyRun(
          run, word, source + index * outer.source + innerStart * inner.source,
          destination + index * outer.destination + innerStart * inner.destination)
      }
    }
  }
}
