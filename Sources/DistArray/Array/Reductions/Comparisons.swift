// Whether arrays are equal, or nearly: as arrays of truth values, computed when they are asked for.

import DAStore

/// Where elements are equal within |x - y| <= absolute + relative * |y|. NumPy's `isclose`.
///
/// Infinities are close to themselves only, NaN to nothing unless `equalNaN`.
public func isClose(
  _ x: DistArray, _ y: DistArray, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
) -> DistArray {
  y.made { expression throws(StoreError) in
    // As NumPy: beside a float, so that the smallest integer has an absolute value.
    let y = expression.dtype.isInexact ? y : y.astype(.float64)
    let bound = abs(y).applying("multiply", relative).applying("add", absolute)
    let isNear = abs(x.applying("subtract", y)).applying("less_equal", bound).applying("logical_and", isfinite(y))
    let result = isNear.applying("logical_or", x.applying("equal", y))
    return equalNaN ? result.applying("logical_or", bothNaN(x, y)) : result
  }
}

/// Whether all elements are close. NumPy's `allclose`, as an array without axes.
///
/// As ``isClose(_:_:relative:absolute:equalNaN:)``.
public func allClose(
  _ x: DistArray, _ y: DistArray, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
) -> DistArray {
  isClose(x, y, relative: relative, absolute: absolute, equalNaN: equalNaN).all()
}

/// Whether two arrays have the same shape and elements. NumPy's `array_equal`, as an array without axes.
public func arrayEqual(_ x: DistArray, _ y: DistArray, equalNaN: Bool = false) -> DistArray {
  x.made { expression throws(StoreError) in
    guard try expression.shape == y.result.get().shape else { return x.context.full([], false) }
    let same = x.applying("equal", y)
    return (equalNaN ? same.applying("logical_or", bothNaN(x, y)) : same).all()
  }
}

/// NaN is what does not equal itself.
private func bothNaN(_ x: DistArray, _ y: DistArray) -> DistArray {
  x.applying("not_equal", x).applying("logical_and", y.applying("not_equal", y))
}
