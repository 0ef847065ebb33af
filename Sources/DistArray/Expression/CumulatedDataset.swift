// Running sums and products as a dataset: a chunk goes on from what the segments before it make together.

import DAStore

final class CumulatedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let cumulated: CumulatedArray
  private let carries: Carries
  private let source: ChunkGather
  let largestStoredByteCount: Int

  /// - Throws: `.internalFault` when the segments' totals are not in memory.
  init(_ cumulated: CumulatedArray, name: String) throws(StoreError) {
    path = name
    self.cumulated = cumulated
    carries = try Carries(cumulated)
    source = ChunkGather(try Materialisation.dataset(cumulated.array, name: name))
    let facts = source.source.description
    var chunkShape = facts.grid.chunkShape
    chunkShape[cumulated.axis] = cumulated.length
    let grid = try ChunkGrid(shape: facts.shape, chunkShape: chunkShape)
    description = DatasetDescription(
      format: .memory, shape: facts.shape, dtype: facts.dtype, grid: grid, storedByteCount: 0)
    let largest = zip(grid.shape, grid.chunkShape).map { StridedBox.Axis(start: 0, step: 1, count: min($0, $1)) }
    largestStoredByteCount = saturatingProduct(
      source.largestStoredByteCount, ChunkGather.mostTouchedChunks(largest, facts.grid))
  }

  var sources: [Tape.Source] {
    [Tape.Source(dataset: source.source, view: AffineView(identity: description.shape))]
  }
  var decodeScratchByteCount: Int { source.scratchByteCount }

  private func box(_ number: Int) -> StridedBox {
    let region = description.grid.region(of: number)
    return StridedBox(zip(region.lower, region.upper).map { StridedBox.Axis(start: $0, step: 1, count: $1 - $0) })
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard case .extents(let extents) = try source.stored(box(number)) else { return .encoded([]) }
    return .encoded(extents)
  }

  var fileNumberBound: Int { source.source.fileNumberBound }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.source.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { source.source.willRead(extent) }
  func finishReading() throws(StoreError) { try source.source.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let region = description.grid.region(of: number)
    guard !region.isEmpty, let elements = buffer.baseAddress else { return }
    let box = box(number)
    if case .constant(let value) = try source.stored(box) {
      value.fill(buffer)
    } else {
      _ = try source.gather(box, from: stored, into: buffer, scratch: scratch)
    }
    scan(elements, region)
  }

  /// Accumulates a chunk's elements in place.
  private func scan(_ elements: UnsafeMutableRawPointer, _ region: Region) {
    let axis = cumulated.axis
    let shape = region.shape
    let segment = region.lower[axis] / cumulated.length
    var totalsShape = description.shape
    totalsShape[axis] = max(description.grid.chunksPerAxis[axis] - 1, 0)
    let strides = rowMajorStrides(totalsShape, elementByteCount: 1)
    /// Places among the carries, from a corner on, for the axes of a range.
    func places(_ axes: Range<Int>) -> [Int] {
      axes.reduce([0]) { places, axis in
        places.flatMap { place in (region.lower[axis]..<region.upper[axis]).map { place + $0 * strides[axis] } }
      }
    }
    let inner = places(axis + 1..<shape.count)
    let rows = shape[axis]
    let blockByteCount = rows * inner.count * description.dtype.byteCount
    for (block, outer) in places(0..<axis).enumerated() {
      let row = segment > 0 ? outer + (segment - 1) * strides[axis] : nil
      let line = Line(
        rows: rows, carries: row.map { row in inner.map { row + $0 } } ?? [], width: inner.count,
        place: elements + block * blockByteCount)
      description.dtype.visit(Scan(line: line, operation: cumulated.operation, carries: carries))
    }
  }
}

/// Rows of elements side by side that are accumulated one after the other.
private struct Line {
  var rows: Int
  /// Places of what comes before, one per column; empty at the beginning of the axis.
  var carries: [Int]
  var width: Int
  var place: UnsafeMutableRawPointer
}

/// Accumulates rows in place, in double precision or modulo 2^64.
private struct Scan: ElementVisitor {
  let line: Line
  let operation: CumulatedArray.Operation
  let carries: Carries

  func visit<E: Element>(_: E.Type) {
    if E.self == Int64.self || E.self == UInt64.self { return scanIntegers() }
    if E.self == Double.self { return scan(Double.self, parts: 1) }
    if E.self == Float.self { return scan(Float.self, parts: 1) }
    if E.self == Float16.self { return scan(Float16.self, parts: 1) }
    if E.self == StoredComplex<Float>.self { return scan(Float.self, parts: 2) }
    if E.self == StoredComplex<Double>.self { return scan(Double.self, parts: 2) }
  }

  private func scanIntegers() {
    let elements = line.place.assumingMemoryBound(to: UInt64.self)
    let start: UInt64 = operation == .sum ? 0 : 1
    for column in 0..<line.width {
      var total = line.carries.isEmpty ? start : carries.whole[line.carries[column]]
      for row in 0..<line.rows {
        let index = row * line.width + column
        total = operation == .sum ? total &+ elements[index] : total &* elements[index]
        elements[index] = total
      }
    }
  }

  private func scan<Part: BinaryFloatingPoint>(_: Part.Type, parts: Int) {
    let elements = line.place.assumingMemoryBound(to: Part.self)
    if operation == .sum { sum(elements, parts) } else { multiply(elements, parts) }
  }

  private func sum<Part: BinaryFloatingPoint>(_ elements: UnsafeMutablePointer<Part>, _ parts: Int) {
    let width = line.width * parts
    var sums = [PairSum](repeating: PairSum(), count: width)
    for (column, carry) in line.carries.enumerated() {
      for part in 0..<parts {
        sums[column * parts + part] = PairSum(
          high: carries.high[carry * parts + part], low: carries.low[carry * parts + part])
      }
    }
    for row in 0..<line.rows {
      for column in 0..<width {
        let index = row * width + column
        sums[column].add(Double(elements[index]))
        let value = sums[column].value
        elements[index] = value.isNaN ? .nan : Part(value)
      }
    }
  }

  private func multiply<Part: BinaryFloatingPoint>(_ elements: UnsafeMutablePointer<Part>, _ parts: Int) {
    for column in 0..<line.width {
      var product = line.carries.isEmpty ? ScaledProduct() : carries.product(at: line.carries[column], parts)
      for row in 0..<line.rows {
        let index = (row * line.width + column) * parts
        product.multiply(
          Double(elements[index]), parts == 2 ? Double(elements[index + 1]) : 0, isComplex: parts == 2)
        elements[index] = Part(scaled(product.real, byPowerOfTwo: product.exponent))
        if parts == 2 { elements[index + 1] = Part(scaled(product.imaginary, byPowerOfTwo: product.exponent)) }
      }
    }
  }
}
