// Elements made from one random word each: uniform, normal and exponential numbers, and integers of a range.
//
// Each kind has a loop of its own, so that the compiler sees what it draws.

import DAStore

/// low + range * u with u in [0, 1).
struct UniformElements: ComputedElements {
  let philox: Philox
  let low: Double
  let range: Double
  var dtype: DType { .float64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Double.self, capacity: run.count)
    philox.forEachWord(run, .uniform) { places[$0] = low + range * unit($1) }
  }
}

/// mean + deviation * z, with z the quantile of a uniform number.
struct NormalElements: ComputedElements {
  let philox: Philox
  let mean: Double
  let deviation: Double
  var dtype: DType { .float64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Double.self, capacity: run.count)
    philox.forEachWord(run, .normal) { places[$0] = mean + deviation * normalQuantile(unitInside($1)) }
  }
}

/// -scale * ln u with u in (0, 1).
struct ExponentialElements: ComputedElements {
  let philox: Philox
  let scale: Double
  var dtype: DType { .float64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Double.self, capacity: run.count)
    philox.forEachWord(run, .exponential) { places[$0] = -scale * exactLog(unitInside($1)) }
  }
}

/// Integers from `low` on, each of `count` equally likely, as 64-bit patterns.
///
/// A word times the count has its integer in the upper half; the few words that would favour some integers are
/// replaced by words of the element's own.
/// Source: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
struct IntegerElements: ComputedElements {
  let philox: Philox
  /// Wraps for unsigned types.
  let low: Int64
  /// 0 stands for 2^64.
  let count: UInt64
  var dtype: DType { .int64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Int64.self, capacity: run.count)
    guard count > 0 else {
      return philox.forEachWord(run, .integers) { places[$0] = low &+ Int64(bitPattern: $1) }
    }
    let refused = (0 &- count) % count
    philox.forEachWord(run, .integers) { index, word in
      var product = word.multipliedFullWidth(by: count)
      if product.low < refused {
        var words = ElementWords(philox, number: run.first + index * run.step, .integers)
        repeat { product = words.next().multipliedFullWidth(by: count) } while product.low < refused
      }
      places[index] = low &+ Int64(bitPattern: product.high)
    }
  }
}
