// Elements that follow from their position on every axis: ones on a diagonal, and a function of the index.

import DAStore

/// One on diagonal `diagonal` of a matrix, zero elsewhere.
struct DiagonalElements: ComputedElements {
  let columnCount: Int
  /// Columns minus rows of its places.
  let diagonal: Int
  let one: ElementValue
  var dtype: DType { one.dtype }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let size = dtype.byteCount
    ElementValue(zero: dtype).fill(UnsafeMutableRawBufferPointer(start: elements, count: run.count * size))
    var number = run.first
    for index in 0..<run.count {
      let (row, column) = number.quotientAndRemainder(dividingBy: columnCount)
      if column - row == diagonal {
        one.fill(UnsafeMutableRawBufferPointer(start: elements + index * size, count: size))
      }
      number += run.step
    }
  }
}

/// A function of the global index.
struct FunctionElements<E: Element>: ComputedElements {
  let shape: [Int]
  let body: @Sendable ([Int]) -> E
  var dtype: DType { E.dtype }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: E.self, capacity: run.count)
    var position = rowMajorPosition(of: run.first, in: shape)
    for index in 0..<run.count {
      places[index] = body(position)
      if run.step == 1 {
        advance(&position)
      } else if index + 1 < run.count {
        position = rowMajorPosition(of: run.first + (index + 1) * run.step, in: shape)
      }
    }
  }

  private func advance(_ position: inout [Int]) {
    for axis in shape.indices.reversed() {
      position[axis] += 1
      if position[axis] < shape[axis] { return }
      position[axis] = 0
    }
  }
}
