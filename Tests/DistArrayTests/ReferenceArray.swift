// Arrays as lists of doubles and the plainest code for them: what expressions are compared with.

/// An array of float64 elements in C order.
struct ReferenceArray: Equatable {
  var shape: [Int]
  var values: [Double]

  init(shape: [Int], values: [Double]) {
    self.shape = shape
    self.values = values
  }

  /// Made index by index.
  init(shape: [Int], _ element: ([Int]) -> Double) {
    self.shape = shape
    values = Self.indices(of: shape).map(element)
  }

  static func indices(of shape: [Int]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for size in shape { result = result.flatMap { prefix in (0..<size).map { prefix + [$0] } } }
    return result
  }

  subscript(index: [Int]) -> Double {
    var place = 0
    for (position, size) in zip(index, shape) { place = place * size + position }
    return values[place]
  }

  /// NumPy's broadcasting, one index at a time.
  func combined(with other: ReferenceArray, _ body: (Double, Double) -> Double) -> ReferenceArray {
    let count = Swift.max(shape.count, other.shape.count)
    func padded(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: count - shape.count) + shape }
    let (a, b) = (padded(shape), padded(other.shape))
    let result = zip(a, b).map { $0 == 1 ? $1 : $0 }
    func own(_ index: [Int], _ sizes: [Int], _ shape: [Int]) -> [Int] {
      Array(zip(index, sizes).map { $1 == 1 ? 0 : $0 }.suffix(shape.count))
    }
    return ReferenceArray(shape: result) { index in
      body(self[own(index, a, shape)], other[own(index, b, other.shape)])
    }
  }

  func mapped(_ body: (Double) -> Double) -> ReferenceArray { ReferenceArray(shape: shape, values: values.map(body)) }

  /// Elements at chosen positions of every axis.
  func picked(_ positions: [[Int]]) -> ReferenceArray {
    ReferenceArray(shape: positions.map(\.count)) { index in self[index.indices.map { positions[$0][index[$0]] }] }
  }

  func transposed(_ order: [Int]) -> ReferenceArray {
    ReferenceArray(shape: order.map { shape[$0] }) { index in
      var own = index
      for (place, axis) in order.enumerated() { own[axis] = index[place] }
      return self[own]
    }
  }

  func reshaped(_ shape: [Int]) -> ReferenceArray { ReferenceArray(shape: shape, values: values) }

  func sum(axis: Int) -> ReferenceArray {
    var kept = shape
    kept.remove(at: axis)
    return ReferenceArray(shape: kept) { index in
      (0..<shape[axis]).reduce(0.0) { sum, position in
        var own = index
        own.insert(position, at: axis)
        return sum + self[own]
      }
    }
  }

  static func joined(_ parts: [ReferenceArray], axis: Int) -> ReferenceArray {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return ReferenceArray(shape: shape) { index in
      var own = index
      for part in parts {
        if own[axis] < part.shape[axis] { return part[own] }
        own[axis] -= part.shape[axis]
      }
      return .nan
    }
  }

  func rolled(by shift: Int, axis: Int) -> ReferenceArray {
    ReferenceArray(shape: shape) { index in
      var own = index
      own[axis] = ((index[axis] - shift) % shape[axis] + shape[axis]) % shape[axis]
      return self[own]
    }
  }

  /// One step at a time from outside into the array.
  func padded(_ widths: [(before: Int, after: Int)], _ mode: String, value: Double) -> ReferenceArray {
    let wide = shape.indices.map { widths[$0].before + shape[$0] + widths[$0].after }
    return ReferenceArray(shape: wide) { index in
      var own = index
      for axis in own.indices {
        let size = shape[axis]
        own[axis] -= widths[axis].before
        while own[axis] < 0 || own[axis] >= size {
          let isBefore = own[axis] < 0
          switch mode {
          case "edge": own[axis] = isBefore ? 0 : size - 1
          case "wrap": own[axis] += isBefore ? size : -size
          case "reflect" where size == 1: own[axis] = 0
          case "reflect": own[axis] = (isBefore ? 0 : 2 * (size - 1)) - own[axis]
          case "symmetric": own[axis] = (isBefore ? -1 : 2 * size - 1) - own[axis]
          default: return value
          }
        }
      }
      return self[own]
    }
  }
}
