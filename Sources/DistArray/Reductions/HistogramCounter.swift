// Counts elements in equal bins, as NumPy's histogram does: the edges decide, not the rounding of a quotient.

import DAStore

struct HistogramCounter {
  let edges: [Double]
  /// Counts of the bins; the last entry counts what lies outside.
  private(set) var counts: [Int]

  /// - Precondition: `binCount >= 1` and the range's width is finite.
  init(binCount: Int, range: ClosedRange<Double>) {
    var low = range.lowerBound
    var high = range.upperBound
    if low == high {
      low -= 0.5
      high += 0.5
    }
    let step = (high - low) / Double(binCount)
    edges = (0...binCount).map { $0 == binCount ? high : low + Double($0) * step }
    counts = Array(repeating: 0, count: binCount + 1)
  }

  /// Adds the elements of a chunk.
  ///
  /// - Complexity: one pass; about a nanosecond per element.
  mutating func add(_ bytes: UnsafeRawBufferPointer, dtype: DType) {
    let adder = Adder(bytes: bytes, edges: edges, counts: counts)
    counts = dtype.visit(adder)
  }

  private struct Adder: ElementVisitor {
    let bytes: UnsafeRawBufferPointer
    let edges: [Double]
    let counts: [Int]

    func visit<E: Element>(_: E.Type) -> [Int] {
      if E.self == Int8.self { return add(Int8.self) { Double($0) } }
      if E.self == Int16.self { return add(Int16.self) { Double($0) } }
      if E.self == Int32.self { return add(Int32.self) { Double($0) } }
      if E.self == Int64.self { return add(Int64.self) { Double($0) } }
      if E.self == UInt8.self { return add(UInt8.self) { Double($0) } }
      if E.self == UInt16.self { return add(UInt16.self) { Double($0) } }
      if E.self == UInt32.self { return add(UInt32.self) { Double($0) } }
      if E.self == UInt64.self { return add(UInt64.self) { Double($0) } }
      if E.self == Float16.self { return add(Float16.self) { Double($0) } }
      if E.self == Float.self { return add(Float.self) { Double($0) } }
      if E.self == Double.self { return add(Double.self) { $0 } }
      if E.self == StoredBool.self { return add(StoredBool.self) { $0.isTrue ? 1 : 0 } }
      return counts
    }

    @inline(__always)
    private func add<E: Element>(_: E.Type, _ value: (E) -> Double) -> [Int] {
      var counts = counts
      let last = counts.count - 2
      let (low, high) = (edges[0], edges[last + 1])
      let width = high - low
      let scale = Double(last + 1)
      bytes.withMemoryRebound(to: E.self) { elements in
        for element in elements {
          let x = value(element)
          guard x >= low, x <= high else {
            counts[last + 1] += 1
            continue
          }
          // No number where all edges are one: the bounds of a huge element and its neighbour's.
          let place = (x - low) / width * scale
          var bin = place < scale ? Int(place) : last
          if x < edges[bin] { bin -= 1 } else if bin < last, x >= edges[bin + 1] { bin += 1 }
          counts[max(bin, 0)] += 1
        }
      }
      return counts
    }
  }
}
