// Evenly spaced numbers as arrays of one axis, with NumPy's lengths, types and roundings.

import DAStore

extension Context {
  /// `0, 1, … stop - 1`. NumPy's `arange(stop)`. Local.
  public func arange(_ stop: Int, dtype: DType = .int64) -> DistArray { arange(0, stop, dtype: dtype) }

  /// `start`, `start + step`, … before `stop`. NumPy's `arange` of integers. Local.
  ///
  /// - Parameter dtype: An integer or real type that holds the first two elements; the others wrap or round as NumPy's
  ///   do.
  public func arange(_ start: Int, _ stop: Int, _ step: Int = 1, dtype: DType = .int64) -> DistArray {
    ranged { () throws(StoreError) in
      guard step != 0 else { throw StoreError(.invalidArgument, "arange with a step of 0") }
      if dtype.isFloatingPoint {
        return try floats(Double(start), Double(start) + Double(step), length(start, stop, step), dtype)
      }
      return try integers(Int128(start), Int128(start) + Int128(step), length(start, stop, step), dtype)
    }
  }

  /// `start`, `start + step`, … before `stop`. NumPy's `arange` of floating-point numbers; its length is
  /// ⌈(stop - start) / step⌉, so that rounding may add an element at the end. Local.
  ///
  /// - Parameter dtype: An integer or real type; integers advance by the difference of the first two, cut to integers.
  public func arange(_ start: Double, _ stop: Double, _ step: Double = 1, dtype: DType = .float64) -> DistArray {
    ranged { () throws(StoreError) in
      let count = try length(start, stop, step)
      if dtype.isFloatingPoint { return try floats(start, start + step, count, dtype) }
      guard count > 0 else { return try integers(0, 1, 0, dtype) }
      guard let first = Int128(exactly: start.rounded(.towardZero)),
        let second = Int128(exactly: (start + step).rounded(.towardZero))
      else { throw StoreError(.invalidArgument, "arange from \(start) by \(step) has no value in \(dtype.name)") }
      return try integers(first, second, count, dtype)
    }
  }

  /// `count` numbers from `start` to `stop`, evenly spaced. NumPy's `linspace`. Local.
  ///
  /// - Parameters:
  ///   - includesStop: Whether `stop` is the last element (NumPy's `endpoint`), or would be the next.
  ///   - dtype: Elements are computed in float64; for integer types they are rounded down.
  public func linspace(
    _ start: Double, _ stop: Double, count: Int = 50, includesStop: Bool = true, dtype: DType = .float64
  ) -> DistArray {
    let spaced = computed(
      EvenlySpaced(start: start, stop: stop, count: count, includesStop: includesStop), shape: [count], name: "linspace"
    )
    return dtype.isInteger ? spaced.applying("floor").astype(dtype) : spaced.astype(dtype)
  }

  private func ranged(_ body: () throws(StoreError) -> Expression) -> DistArray {
    DistArray(Result { () throws(StoreError) in try body() }, context: self)
  }

  /// Integers of all types advance as 64-bit ones that are cut to size: wrapping commutes with cutting.
  private func integers(
    _ first: Int128, _ second: Int128, _ count: Int, _ dtype: DType
  ) throws(StoreError) -> Expression {
    guard let range = dtype.integerRange else {
      throw StoreError(.unsupportedDType, "arange makes no \(dtype.name); convert its result with astype")
    }
    for (place, value) in [first, second].prefix(count).enumerated() where !range.contains(value) {
      throw StoreError(.invalidArgument, "element \(place) of arange, \(value), is out of bounds for \(dtype.name)")
    }
    let elements = IntegerProgression(
      first: Int64(truncatingIfNeeded: first), second: Int64(truncatingIfNeeded: second))
    return try Expression(ComputedDataset(elements, shape: [count], name: "arange")).converted(to: dtype)
  }

  /// Half precision is computed in single precision and rounded, as NumPy does it.
  private func floats(_ first: Double, _ second: Double, _ count: Int, _ dtype: DType) throws(StoreError) -> Expression
  {
    let elements: any ComputedElements
    if dtype == .float64 {
      elements = FloatProgression(first: first, second: second)
    } else if dtype == .float32 {
      elements = FloatProgression(first: Float(first), second: Float(second))
    } else {
      elements = FloatProgression(first: Float(Float16(first)), second: Float(Float16(second)))
    }
    return try Expression(ComputedDataset(elements, shape: [count], name: "arange")).converted(to: dtype)
  }

  private func length(_ start: Int, _ stop: Int, _ step: Int) throws(StoreError) -> Int {
    let span = Int128(stop) - Int128(start)
    guard span != 0, (span > 0) == (step > 0) else { return 0 }
    guard let count = Int(exactly: (span.magnitude - 1) / UInt128(step.magnitude) + 1) else {
      throw StoreError(.invalidArgument, "arange from \(start) to \(stop) by \(step) is too long")
    }
    return count
  }

  private func length(_ start: Double, _ stop: Double, _ step: Double) throws(StoreError) -> Int {
    guard step != 0 else { throw StoreError(.invalidArgument, "arange with a step of 0") }
    let span = stop - start
    let parts = span / step
    // A quotient too small for a double still is one element when it is positive.
    if parts == 0, span != 0 { return parts.sign == .minus ? 0 : 1 }
    guard let count = Int(exactly: parts.rounded(.up)) else {
      throw StoreError(.invalidArgument, "arange from \(start) to \(stop) by \(step) has no length")
    }
    return max(0, count)
  }
}
