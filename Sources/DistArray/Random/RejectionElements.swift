// Elements that ask for words until one is accepted: Poisson and beta numbers. The words are the element's own.

import DAStore

/// How many events happen where `mean` are expected.
struct PoissonElements: ComputedElements {
  let philox: Philox
  let mean: Double
  var dtype: DType { .int64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Int64.self, capacity: run.count)
    let none = exactExp(-mean)
    let rejection = PoissonRejection(mean: mean)
    for index in 0..<run.count {
      var words = ElementWords(philox, number: run.first + index * run.step, .poisson)
      places[index] = mean < 10 ? counted(words.nextInside(), none) : rejection.next(&words)
    }
  }

  /// The first count whose cumulative probability reaches `u`.
  private func counted(_ u: Double, _ none: Double) -> Int64 {
    var probability = none
    var sum = none
    var count: Int64 = 0
    // Rounding may keep the sum below u for ever; beyond 200 nothing is left of a mean below 10.
    while sum < u, count < 200 {
      count += 1
      probability *= mean / Double(count)
      sum += probability
    }
    return count
  }
}

/// Transformed rejection with a squeeze, for means from 10 upwards.
///
/// Source: W. Hörmann, "The transformed rejection method for generating Poisson random variables", Insurance:
/// Mathematics and Economics 12 (1993), algorithm PTRS.
private struct PoissonRejection {
  let mean: Double
  private let logMean: Double
  private let a: Double
  private let b: Double
  private let logInverseAlpha: Double
  private let squeeze: Double

  init(mean: Double) {
    // A smaller mean has another algorithm; the constants need one of at least 10.
    self.mean = max(mean, 10)
    logMean = exactLog(self.mean)
    b = 0.931 + 2.53 * self.mean.squareRoot()
    a = -0.059 + 0.02483 * b
    logInverseAlpha = exactLog(1.1239 + 1.1328 / (b - 3.4))
    squeeze = 0.9277 - 3.6224 / (b - 2)
  }

  func next(_ words: inout ElementWords) -> Int64 {
    while true {
      let u = words.nextInside() - 0.5
      let v = words.nextInside()
      let distance = 0.5 - u.magnitude
      let count = ((2 * a / distance + b) * u + mean + 0.43).rounded(.down)
      if distance >= 0.07, v <= squeeze { return Int64(count) }
      if count < 0 || distance < 0.013 && v > distance { continue }
      let bound = exactLog(v) + logInverseAlpha - exactLog(a / (distance * distance) + b)
      if bound <= count * logMean - mean - exactLogGamma(count + 1) { return Int64(count) }
    }
  }
}

/// X / (X + Y) of gamma numbers X and Y with shapes `a` and `b`, from their logarithms, which small shapes need.
struct BetaElements: ComputedElements {
  let philox: Philox
  let a: Double
  let b: Double
  var dtype: DType { .float64 }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Double.self, capacity: run.count)
    for index in 0..<run.count {
      var words = ElementWords(philox, number: run.first + index * run.step, .beta)
      let x = Self.logGamma(a, &words)
      let y = Self.logGamma(b, &words)
      places[index] = 1 / (1 + exactExp(y - x))
    }
  }

  /// The logarithm of a gamma number.
  ///
  /// Source: G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000); a shape
  /// below one by that paper's last remark.
  private static func logGamma(_ shape: Double, _ words: inout ElementWords) -> Double {
    guard shape >= 1 else { return logGamma(shape + 1, &words) + exactLog(words.nextInside()) / shape }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normalQuantile(words.nextInside())
      let root = 1 + c * x
      guard root > 0 else { continue }
      let logV = 3 * exactLog(root)
      if exactLog(words.nextInside()) < 0.5 * x * x + d * (1 - root * root * root + logV) { return exactLog(d) + logV }
    }
  }
}
