// NumPy's products of vectors, matrices and arrays of any number of axes, as lazy arrays.

import DAStore

/// The product of matrices, of stacks of matrices whose first axes broadcast, or of vectors. NumPy's `matmul`.
///
/// A vector on the left is a row, on the right a column, and its axis is dropped. The element type is the operands'
/// common one; integers wrap. A product of matrices is computed in a pass of its own before what uses it, in tiles as
/// large as the budget allows; floating-point ones need OpenBLAS (Docs/Decisions/0009). The bits are the same on any
/// number of ranks and with any budget, on processors of one kind.
public func matmul(_ a: DistArray, _ b: DistArray) -> DistArray {
  a.combined(with: b) { x, y throws(StoreError) in
    for (number, operand) in [x, y].enumerated() where operand.shape.isEmpty {
      throw StoreError(
        .invalidArgument, "matmul: operand \(number) has no axes; multiply by a number with '*'")
    }
    let inner = (x.shape[x.shape.count - 1], y.shape[max(y.shape.count - 2, 0)])
    guard inner.0 == inner.1 else {
      throw StoreError(
        .invalidArgument,
        "matmul: shapes \(shapeText(x.shape)) and \(shapeText(y.shape)) do not fit: size \(inner.1) is different from "
          + "\(inner.0)")
    }
    let row = try x.shape.count == 1 ? x.reshaped(to: [1] + x.shape) : x
    let column = try y.shape.count == 1 ? y.reshaped(to: y.shape + [1]) : y
    let product = try Expression.product(row, column)
    var shape = product.shape
    if y.shape.count == 1 { shape.removeLast() }
    if x.shape.count == 1 { shape.remove(at: shape.count - (y.shape.count == 1 ? 1 : 2)) }
    return try product.reshaped(to: shape)
  }
}

/// Sums of products over the last axis of `a` and the last but one of `b` (or its only one); of numbers, their product.
/// NumPy's `dot`. As ``matmul(_:_:)``.
public func dot(_ a: DistArray, _ b: DistArray) -> DistArray {
  if a.dimensionCount == 0 || b.dimensionCount == 0 { return a * b }
  return a.combined(with: b) { x, y throws(StoreError) in
    try Expression.contracted(x, [x.shape.count - 1], y, [max(y.shape.count - 2, 0)])
  }
}

/// Sums of products over the last axes of both; of numbers, their product. NumPy's `inner`. As ``matmul(_:_:)``.
public func inner(_ a: DistArray, _ b: DistArray) -> DistArray {
  if a.dimensionCount == 0 || b.dimensionCount == 0 { return a * b }
  return a.combined(with: b) { x, y throws(StoreError) in
    try Expression.contracted(x, [x.shape.count - 1], y, [y.shape.count - 1])
  }
}

/// All elements of `a` times all elements of `b`, each in C order: rows and columns. NumPy's `outer`.
public func outer(_ a: DistArray, _ b: DistArray) -> DistArray {
  a.raveled().expandingDimensions(at: [1]) * b.raveled().expandingDimensions(at: [0])
}

/// The sum of the conjugated elements of `a` times those of `b`, each in C order. NumPy's `vdot`.
public func vdot(_ a: DistArray, _ b: DistArray) -> DistArray {
  let isComplex = (try? a.dtype.isComplex) ?? false
  return dot((isComplex ? conjugate(a) : a).raveled(), b.raveled())
}

/// Sums of products over the last `count` axes of `a` and the first of `b`. NumPy's `tensordot`. As ``matmul(_:_:)``.
public func tensordot(_ a: DistArray, _ b: DistArray, axes count: Int = 2) -> DistArray {
  a.combined(with: b) { x, y throws(StoreError) in
    guard count >= 0, count <= min(x.shape.count, y.shape.count) else {
      throw StoreError(
        .invalidArgument, "tensordot over \(count) axes of shapes \(shapeText(x.shape)) and \(shapeText(y.shape))")
    }
    return try Expression.contracted(
      x, Array(x.shape.indices.suffix(count)), y, Array(y.shape.indices.prefix(count)))
  }
}

/// Sums of products over these axes of `a` and those of `b`, in pairs. NumPy's `tensordot`. As ``matmul(_:_:)``.
public func tensordot(_ a: DistArray, _ b: DistArray, axes: ([Int], [Int])) -> DistArray {
  a.combined(with: b) { x, y throws(StoreError) in
    try Expression.contracted(
      x, axes.0.map { axis throws(StoreError) in try normalAxis(axis, of: x.shape.count) }, y,
      axes.1.map { axis throws(StoreError) in try normalAxis(axis, of: y.shape.count) })
  }
}

extension DistArray {
  /// An array made from this one and another; errors stay.
  fileprivate func combined(
    with other: DistArray, _ body: (Expression, Expression) throws(StoreError) -> Expression
  ) -> DistArray {
    map { x throws(StoreError) in try body(x, other.result.get()) }
  }
}

extension Expression {
  /// Sums of products over pairs of axes: the axes that are left of `a`, then those of `b`.
  static func contracted(
    _ a: Expression, _ first: [Int], _ b: Expression, _ second: [Int]
  ) throws(StoreError) -> Expression {
    guard first.count == second.count, Set(first).count == first.count, Set(second).count == second.count else {
      throw StoreError(.invalidArgument, "axes \(first) and \(second) to be summed are no pairs of different axes")
    }
    for (one, other) in zip(first, second) where a.shape[one] != b.shape[other] {
      throw StoreError(
        .invalidArgument,
        "shapes \(shapeText(a.shape)) and \(shapeText(b.shape)) not aligned: \(a.shape[one]) (dim \(one)) != "
          + "\(b.shape[other]) (dim \(other))")
    }
    let rows = a.shape.indices.filter { !first.contains($0) }
    let columns = b.shape.indices.filter { !second.contains($0) }
    let shape = rows.map { a.shape[$0] } + columns.map { b.shape[$0] }
    guard shape.count <= maximumDimensionCount else {
      throw StoreError(.invalidArgument, "\(shape.count) dimensions; at most \(maximumDimensionCount) are supported")
    }
    // A size cannot be left to be found where others are zero.
    func product(_ axes: [Int], _ shape: [Int]) -> Int { axes.reduce(1) { saturatingProduct($0, shape[$1]) } }
    let inner = product(first, a.shape)
    let x = try a.viewed(AffineView(transposing: a.shape, rows + first)).reshaped(to: [product(rows, a.shape), inner])
    let y = try b.viewed(AffineView(transposing: b.shape, second + columns))
      .reshaped(to: [inner, product(columns, b.shape)])
    return try Expression.product(x, y).reshaped(to: shape)
  }
}
