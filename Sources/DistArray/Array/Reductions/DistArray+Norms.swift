// Norms and weighted means, composed of elementwise functions and statistics.

import DAStore

/// Which norm: NumPy's `ord`.
public enum NormOrder: Sendable, Hashable {
  /// The root of the sum of squares, of whatever has any number of axes.
  case standard
  /// The same of matrices only.
  case frobenius
  /// Of a vector the p-norm, also for ±infinity (the extremes) and 0 (how many elements are not zero). Of a matrix ±1
  /// and ±infinity: the extreme sums along columns or rows.
  case power(Double)
}

extension DistArray {
  /// A norm of vectors or matrices. NumPy's `linalg.norm`.
  ///
  /// Squares and powers are taken in the elements' type, integers as float64, and added as all sums are.
  /// - Parameters:
  ///   - order: Norms of matrices that need singular values (2, -2, nuclear) are not available.
  ///   - axis: One for vectors, two for matrices (their rows, then their columns). Without it a standard norm takes the
  ///     whole array, and others need an array of one or two axes.
  public func norm(
    _ order: NormOrder = .standard, axis: (any AxisChoice)? = nil, keepDimensions: Bool = false
  ) -> DistArray {
    made { expression throws(StoreError) in
      let count = expression.shape.count
      let numbers = expression.dtype.isInexact ? self : astype(.float64)
      var isWhole = order == .standard
      if axis == nil {
        isWhole = isWhole || order == .frobenius && count == 2 || order == .power(2) && count == 1
        if isWhole { return numbers.rootOfSquares(nil, keepDimensions) }
        guard (1...2).contains(count) else {
          throw StoreError(
            .invalidArgument, "Improper number of dimensions to norm: \(count); give one axis, or two of matrices")
        }
      }
      let axes = try (axis?.axes ?? Array(0..<count)).map { axis throws(StoreError) in
        try normalAxis(axis, of: count)
      }
      switch axes.count {
      case 1: return try numbers.vectorNorm(order, axes[0], keepDimensions)
      case 2:
        guard axes[0] != axes[1] else { throw StoreError(.invalidArgument, "Duplicate axes given.") }
        return try numbers.matrixNorm(order, rows: axes[0], columns: axes[1], keepDimensions)
      default:
        throw StoreError(.invalidArgument, "Improper number of dimensions to norm: \(axes.count) axes; give one or two")
      }
    }
  }

  private func rootOfSquares(_ axes: [Int]?, _ keep: Bool) -> DistArray {
    made { expression throws(StoreError) in
      let squares =
        expression.dtype.isComplex ? square(real(self)).applying("add", square(imag(self))) : square(self)
      return sqrt(squares.sum(axis: axes, keepDimensions: keep))
    }
  }

  private func vectorNorm(_ order: NormOrder, _ axis: Int, _ keep: Bool) throws(StoreError) -> DistArray {
    let power: Double
    switch order {
    case .standard: power = 2
    case .frobenius: throw StoreError(.invalidArgument, "Invalid norm order 'fro' for vectors")
    case .power(let order): power = order
    }
    switch power {
    case .infinity: return abs(self).max(axis: axis, keepDimensions: keep)
    case -.infinity: return abs(self).min(axis: axis, keepDimensions: keep)
    case 0: return applying("not_equal", 0).astype(try abs(self).dtype).sum(axis: axis, keepDimensions: keep)
    case 1: return abs(self).sum(axis: axis, keepDimensions: keep)
    case 2: return rootOfSquares([axis], keep)
    default:
      let sum = abs(self).applying("power", power).sum(axis: axis, keepDimensions: keep)
      return sum.applying("power", 1 / power)
    }
  }

  private func matrixNorm(
    _ order: NormOrder, rows: Int, columns: Int, _ keep: Bool
  ) throws(StoreError) -> DistArray {
    guard case .power(let power) = order else { return rootOfSquares([rows, columns], keep) }
    guard Swift.abs(power) == 1 || power.isInfinite else {
      let isKnown = Swift.abs(power) == 2
      throw StoreError(
        .invalidArgument,
        isKnown
          ? "the norm \(power) of matrices needs singular values, which are not available; use 'fro', 1 or inf"
          : "Invalid norm order for matrices: \(power)")
    }
    let (added, compared) = power.isInfinite ? (columns, rows) : (rows, columns)
    let sums = abs(self).sum(axis: added, keepDimensions: true)
    let norm =
      power > 0 ? sums.max(axis: compared, keepDimensions: true) : sums.min(axis: compared, keepDimensions: true)
    return keep ? norm : norm.squeezed(axes: [rows, columns])
  }

  /// Mean of elements that count by their weights. NumPy's `average`.
  ///
  /// Where the weights add up to zero the mean is NaN or infinite; NumPy refuses.
  /// - Parameter weights: Of the array's shape, or one for each position of the one axis.
  public func average(
    axis: (any AxisChoice)? = nil, weights: DistArray? = nil, keepDimensions: Bool = false
  ) -> DistArray {
    made { expression throws(StoreError) in
      guard var weights else { return mean(axis: axis, keepDimensions: keepDimensions) }
      let weight = try weights.result.get()
      if weight.shape != expression.shape {
        guard let axes = axis?.axes else {
          throw StoreError(.invalidArgument, "Axis must be specified when shapes of a and weights differ.")
        }
        guard axes.count == 1, weight.shape.count == 1 else {
          throw StoreError(.invalidArgument, "Weights of another shape than the array's have one axis, for one axis.")
        }
        let along = try normalAxis(axes[0], of: expression.shape.count)
        guard weight.shape[0] == expression.shape[along] else {
          throw StoreError(
            .invalidArgument,
            "Length of weights (\(weight.shape[0])) not compatible with axis \(along) of size \(expression.shape[along])."
          )
        }
        let others = expression.shape.indices.filter { $0 != along }
        weights = weights.expandingDimensions(at: others).broadcast(to: expression.shape)
      }
      let common = promote(expression.dtype, weight.dtype)
      let dtype = expression.dtype.isInexact ? common : promote(common, .float64)
      let products = astype(dtype).applying("multiply", weights.astype(dtype))
      let sum = products.sum(axis: axis, keepDimensions: keepDimensions)
      return sum.applying("divide", weights.sum(axis: axis, keepDimensions: keepDimensions, dtype: dtype))
    }
  }
}
