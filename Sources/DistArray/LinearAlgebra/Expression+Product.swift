// Products of matrices as expressions: by blocks, or as sums of products where a side is one row or column.

import DAStore

extension Expression {
  /// (…, rows, inner) times (…, inner, columns), as `numpy.matmul` defines it; the element type is the common one.
  ///
  /// Integers wrap; of truth values, an element is whether some pair is true together; float16 is multiplied and added
  /// in float32 and rounded once.
  ///
  /// - Precondition: Both have two axes at least, and agree about `inner`.
  /// - Throws: `.invalidArgument` when the axes before do not broadcast, or the result is no possible array.
  static func product(_ a: Expression, _ b: Expression) throws(StoreError) -> Expression {
    let dtype = promote(a.dtype, b.dtype)
    let axes = (a.shape.count, b.shape.count)
    let (rows, inner, columns) = (a.shape[axes.0 - 2], a.shape[axes.0 - 1], b.shape[axes.1 - 1])
    let batch = try broadcastShape([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
    let shape = batch + [rows, columns]
    if try checkedElementCount(shape, dtype: dtype) == 0 || inner == 0 {
      return Expression(
        try ComputedDataset(ConstantElements(value: ElementValue(zero: dtype)), shape: shape, name: "product"))
    }
    let own: DType = dtype == .float16 ? .float32 : dtype
    let (x, y) = (try a.converted(to: own), try b.converted(to: own))
    if rows == 1 || columns == 1 { return try sumOfProducts(x, y, shape: shape).converted(to: dtype) }
    let geometry = ProductGeometry(batch: batch, rows: rows, columns: columns, inner: inner)
    _ = try checkedElementCount(geometry.shape, dtype: own)
    let product = try Expression(shape: geometry.shape, dtype: own, .product(MatrixProduct(x, y, geometry)))
      .checkedDepth()
    guard geometry.groupCount > 1 else {
      let inside = shape.indices.map { AffineView.Axis.along(of: $0, start: 0, step: 1) }
      return try product.viewed(AffineView(axes: [.fixed(0)] + inside, shape: shape)).converted(to: dtype)
    }
    return try product.summed(axis: 0).converted(to: dtype)
  }

  /// The product where one side is a row or a column: a statistic, which ranks share chunk by chunk.
  private static func sumOfProducts(_ a: Expression, _ b: Expression, shape: [Int]) throws(StoreError) -> Expression {
    func exchanged(_ x: Expression) -> Expression {
      var order = Array(x.shape.indices)
      order.swapAt(order.count - 1, order.count - 2)
      return x.viewed(AffineView(transposing: x.shape, order))
    }
    // Either (…, rows, inner) beside (…, 1, inner), or (…, inner, 1) beside (…, inner, columns).
    let isRow = shape[shape.count - 2] == 1 && shape[shape.count - 1] != 1
    let sides = isRow ? [exchanged(a), b] : [a, exchanged(b)]
    guard let multiply = UfuncTable["multiply"] else { throw StoreError(.internalFault, "there is no 'multiply'") }
    let products = try apply(multiply, sides.map { .array($0) })[0]
    let axis = products.shape.count - (isRow ? 2 : 1)
    return try products.summed(axis: axis).reshaped(to: shape)
  }

  /// The sum along an axis: of integers in 64 bits, of truth values their number.
  private func summed(axis: Int) throws(StoreError) -> Expression {
    var shape = shape
    shape.remove(at: axis)
    let reduced = self.shape.indices.map { $0 == axis }
    return try Expression(
      shape: shape, dtype: Statistic.sum.row.resultType(dtype),
      .reduced(self, Reduction(statistic: .sum, reduced: reduced, ddof: 0))
    ).checkedDepth()
  }
}
