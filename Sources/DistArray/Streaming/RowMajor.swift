// Positions in an array as single numbers and back.

/// The position of the element that comes `index`-th in C order.
///
/// - Precondition: `index` is below the product of the shape.
func rowMajorPosition(of index: Int, in shape: [Int]) -> [Int] {
  var position = Array(repeating: 0, count: shape.count)
  var rest = index
  for axis in shape.indices.reversed() where shape[axis] > 0 {
    (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
  }
  return position
}

/// How many elements come before this one in C order.
func rowMajorIndex(of position: [Int], in shape: [Int]) -> Int {
  zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }
}
