// Arrays joined and shifted: new arrays whose elements are gathered when they are read.

import DAStore

extension Context {
  /// Arrays one after the other along an axis that they have, in their common element type. NumPy's `concatenate`.
  ///
  /// - Parameters:
  ///   - arrays: At least one, alike in all other axes.
  ///   - axis: Negative counts from the end; `nil` joins the arrays' elements in C order.
  public func concatenate(_ arrays: [DistArray], axis: Int? = 0) -> DistArray {
    let arrays = axis == nil ? arrays.map { $0.raveled() } : arrays
    return joined(arrays) { parts throws(StoreError) in try Expression.concatenated(parts, axis: axis ?? 0) }
  }

  /// Arrays of one shape side by side along a new axis; the element type is the common one. NumPy's `stack`.
  ///
  /// - Parameter axis: The new axis' place in the result; negative counts from its end.
  public func stack(_ arrays: [DistArray], axis: Int = 0) -> DistArray {
    joined(arrays) { parts throws(StoreError) in
      guard parts.allSatisfy({ $0.shape == parts[0].shape }) else {
        throw StoreError(.invalidArgument, "all arrays to be stacked must have the same shape")
      }
      let count = parts[0].shape.count
      guard count < maximumDimensionCount else {
        throw StoreError(.invalidArgument, "\(count + 1) dimensions; at most \(maximumDimensionCount) are supported")
      }
      let place = try normalAxis(axis, of: count + 1)
      var order = (0..<count).map { Int?($0) }
      order.insert(nil, at: place)
      return try Expression.concatenated(
        parts.map { $0.viewed(AffineView(inserting: order, into: $0.shape)) }, axis: place)
    }
  }

  private func joined(
    _ arrays: [DistArray], _ body: ([Expression]) throws(StoreError) -> Expression
  ) -> DistArray {
    DistArray(
      Result { () throws(StoreError) in
        var parts: [Expression] = []
        for array in arrays { parts.append(try array.result.get()) }
        guard let first = parts.first else { throw StoreError(.invalidArgument, "need at least one array to join") }
        let dtype = parts.reduce(first.dtype) { promote($0, $1.dtype) }
        for index in parts.indices { parts[index] = try parts[index].converted(to: dtype) }
        return try body(parts)
      }, context: self)
  }
}

extension DistArray {
  /// The elements moved on by `shift` positions, what leaves at one end coming in at the other. NumPy's `roll`.
  ///
  /// - Parameter axis: `nil` moves the elements in C order.
  public func rolled(by shift: Int, axis: Int? = nil) -> DistArray {
    guard let axis else { return raveled().rolled(by: shift, axis: 0).reshaped(to: shape) }
    return rolled(by: [shift], axes: [axis])
  }

  /// The elements moved on along several axes; shifts along an axis given twice add up. NumPy's `roll`.
  public func rolled(by shifts: [Int], axes: [Int]) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      guard shifts.count == axes.count || shifts.count == 1 || axes.count == 1 else {
        throw StoreError(.invalidArgument, "\(shifts.count) shifts for \(axes.count) axes")
      }
      var moved = shape.map { _ in 0 }
      for index in 0..<Swift.max(shifts.count, axes.count) {
        let axis = try normalAxis(axes[axes.count == 1 ? 0 : index], of: shape.count)
        let size = Swift.max(shape[axis], 1)
        let shift = shifts[shifts.count == 1 ? 0 : index] % size
        let forward = shift < 0 ? shift + size : shift
        moved[axis] = moved[axis] >= size - forward ? moved[axis] - (size - forward) : moved[axis] + forward
      }
      if moved.allSatisfy({ $0 == 0 }) { return expression }
      let layout = Mosaic(
        zip(shape, moved).map { size, shift in
          Mosaic.Axis([
            .init(start: size - shift, step: 1, count: shift), .init(start: 0, step: 1, count: size - shift),
          ])
        })
      return try .assembled(shape: shape, [expression], layout)
    }
  }
}

extension Expression {
  /// Arrays of one type one after the other along `axis`.
  static func concatenated(_ parts: [Expression], axis: Int) throws(StoreError) -> Expression {
    let first = parts[0].shape
    guard !first.isEmpty else { throw StoreError(.invalidArgument, "arrays without axes cannot be concatenated") }
    let joined = try normalAxis(axis, of: first.count)
    var runs: [Mosaic.Run] = []
    var total = 0
    for (index, part) in parts.enumerated() {
      guard part.shape.count == first.count else {
        throw StoreError(
          .invalidArgument,
          "all arrays must have the same number of dimensions, but array 0 has \(first.count) and array \(index) has "
            + "\(part.shape.count)")
      }
      for place in first.indices where place != joined && part.shape[place] != first[place] {
        throw StoreError(
          .invalidArgument,
          "all dimensions but the joined one must match, but along axis \(place) array 0 has size \(first[place]) and "
            + "array \(index) has size \(part.shape[place])")
      }
      runs.append(.init(part: index, start: 0, step: 1, count: part.shape[joined]))
      let (sum, overflow) = total.addingReportingOverflow(part.shape[joined])
      guard !overflow else { throw StoreError(.invalidArgument, "the joined axis is too long") }
      total = sum
    }
    if parts.count == 1 { return parts[0] }
    var axes = first.map { Mosaic.Axis(all: $0) }
    axes[joined] = Mosaic.Axis(runs)
    let layout = Mosaic(axes, joinedAxis: joined)
    return try .assembled(shape: layout.shape, parts, layout)
  }
}
