// Evenly spaced numbers: the elements of arange and linspace, by NumPy's formulas.

import DAStore

/// `first`, `second`, and so on with their difference: first + i * (second - first), wrapping at 64 bits.
struct IntegerProgression: ComputedElements {
  let first: Int64
  let second: Int64
  var dtype: DType { .int64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Int64.self, capacity: run.count)
    let difference = second &- first
    for index in 0..<run.count {
      places[index] = first &+ Int64(run.first + index * run.step) &* difference
    }
  }
}

/// `first`, `second`, and so on with their difference, each product and sum rounded: first + i * (second - first).
///
/// The second element is the number itself, not what the difference makes of it.
/// Source: NumPy's `arange`, which fills by the first two elements.
struct FloatProgression<E: Element & BinaryFloatingPoint>: ComputedElements {
  let first: E
  let second: E
  var dtype: DType { E.dtype }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: E.self, capacity: run.count)
    let difference = second - first
    for index in 0..<run.count { places[index] = first + E(run.first + index * run.step) * difference }
    for (number, value) in [first, second].enumerated() {
      let (index, rest) = (number - run.first).quotientAndRemainder(dividingBy: run.step)
      if rest == 0, index >= 0, index < run.count { places[index] = value }
    }
  }
}

/// `count` numbers from `start` to `stop`.
///
/// Source: NumPy's `linspace`: i * step + start with step = (stop - start) / parts, or i / parts * (stop - start) +
/// start when that step is zero; the last element is `stop` itself when it belongs to the array.
struct EvenlySpaced: ComputedElements {
  let start: Double
  let stop: Double
  let count: Int
  let includesStop: Bool
  var dtype: DType { .float64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Double.self, capacity: run.count)
    let parts = Double(includesStop ? count - 1 : count)
    let range = stop - start
    let step = range / parts
    for index in 0..<run.count {
      let number = run.first + index * run.step
      if includesStop, count > 1, number == count - 1 {
        places[index] = stop
      } else if parts == 0 {
        places[index] = Double(number) * range + start
      } else if step == 0 {
        places[index] = Double(number) / parts * range + start
      } else {
        places[index] = Double(number) * step + start
      }
    }
  }
}
