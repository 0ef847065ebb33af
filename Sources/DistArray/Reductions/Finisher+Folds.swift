// From folds to values: products, and the moments of the elements that are not NaN.

import CKernels
import DAStore

extension Statistic {
  /// What the statistic is of elements that cannot be NaN.
  var ofNumbers: Statistic {
    switch self {
    case .nanMean: .mean
    case .nanVariance, .selectedVariance: .variance
    case .nanStandardDeviation, .selectedDeviation: .standardDeviation
    case .nanMinimum: .minimum
    case .nanMaximum: .maximum
    case .nanPositionOfMinimum: .positionOfMinimum
    case .nanPositionOfMaximum: .positionOfMaximum
    default: self
    }
  }
}

extension Statistic {
  /// Whether elements of this type have the statistic; those without NaN are taken of the parts of complex numbers.
  func isDefined(for dtype: DType) -> Bool {
    if self == .productFraction || self == .productExponent { return dtype.isFloatingPoint || dtype.isComplex }
    return !dtype.isComplex || ofNumbers == self
  }
}

extension Finisher {
  /// A number of an output element: its real part, and its imaginary part when it has one.
  struct Numbers {
    var real: (Int) -> Double
    var imaginary: ((Int) -> Double)?
  }

  /// A moment of the elements that are not NaN; NaN where there are none.
  func moment(_ statistic: Statistic, of folds: ckernels_folds) -> Numbers? {
    guard let present = folds.present, let high = folds.sum_high, let low = folds.sum_low, let spread = folds.spread
    else { return nil }
    let ddof = ddof
    func variance(_ index: Int) -> Double {
      let freedom = Double(present[index]) - ddof
      let isTooFew = freedom <= 0 && (statistic == .nanVariance || statistic == .nanStandardDeviation)
      return isTooFew ? .nan : spread[index] / max(freedom, 0)
    }
    switch statistic {
    case .nanMean: return Numbers { Self.mean(high[$0], low[$0], Double(present[$0])) }
    case .nanVariance, .selectedVariance: return Numbers(real: variance)
    case .nanStandardDeviation, .selectedDeviation: return Numbers { variance($0).squareRoot() }
    default: return nil
    }
  }

  /// The product of inexact elements, whole or as the fraction alone.
  func product(of folds: ckernels_folds, isFraction: Bool) -> Numbers? {
    guard let fraction = folds.fraction, let exponent = folds.exponent else { return nil }
    func part(_ values: UnsafeMutablePointer<Double>) -> (Int) -> Double {
      { isFraction ? values[$0] : scaled(values[$0], byPowerOfTwo: exponent[$0]) }
    }
    return Numbers(real: part(fraction), imaginary: folds.imaginary_fraction.map(part))
  }
}

/// A number times a power of two, rounded once.
func scaled(_ value: Double, byPowerOfTwo exponent: Int64) -> Double {
  // Beyond ±2200 nothing is left to change.
  let bounded = Int(max(-2200, min(2200, exponent)))
  return value.isFinite && value != 0 ? Double(sign: .plus, exponent: bounded, significand: value) : value
}
