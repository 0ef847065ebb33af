// What stands between the brackets of an array: integers, ranges, lists, masks, and words for more.

import DAStore

/// One item between the brackets of an array: an integer, a range, a list, an array, or a word for more.
public protocol ArrayIndexItem {
  var item: ArrayIndex { get }
}

/// What stands between the brackets of an array, as in NumPy.
public enum ArrayIndex: ArrayIndexItem {
  /// One position, whose axis is dropped; negative counts from the end.
  case position(Int)
  /// `start:stop:step`; missing bounds are the ends in the direction of the step.
  case slice(start: Int? = nil, stop: Int? = nil, step: Int = 1)
  /// All axes that no other item names.
  case otherAxes
  /// An axis of size one that the array does not have.
  case insertedAxis
  /// Positions along one axis, in C order of `shape`, whose axes the result gets; negative ones count from the end.
  case positions([Int], shape: [Int])
  /// Which elements are chosen, in C order of `shape`: for as many axes of the array as the shape has.
  case truths([Bool], shape: [Int])
  /// An array of integers (positions) or of bools (a mask). It is computed when it is used: collective.
  case array(DistArray)

  public var item: ArrayIndex { self }
}

extension ArrayIndexItem where Self == ArrayIndex {
  /// All of an axis.
  public static var all: ArrayIndex { .slice() }
  /// Every `step`-th position; backwards for negative steps.
  public static func stride(from start: Int? = nil, to stop: Int? = nil, by step: Int) -> ArrayIndex {
    .slice(start: start, stop: stop, step: step)
  }
  /// All axes that no other item names: NumPy's `...`.
  public static var ellipsis: ArrayIndex { .otherAxes }
  /// An axis of size one that the array does not have: NumPy's `newaxis`.
  public static var newAxis: ArrayIndex { .insertedAxis }
}

extension Int: ArrayIndexItem {
  public var item: ArrayIndex { .position(self) }
}
extension Range<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound, stop: upperBound) }
}
extension ClosedRange<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound, stop: upperBound == -1 ? nil : upperBound &+ 1) }
}
extension PartialRangeFrom<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound) }
}
extension PartialRangeUpTo<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(stop: upperBound) }
}
extension DistArray: ArrayIndexItem {
  public var item: ArrayIndex { .array(self) }
}
extension Bool: ArrayIndexItem {
  public var item: ArrayIndex { .truths([self], shape: []) }
}
/// Lists, and lists of lists of one length, of integers or of truth values.
extension Array: ArrayIndexItem where Element: ArrayIndexElement {
  public var item: ArrayIndex { Element.index(of: self) }
}

/// What lists between the brackets of an array may hold.
public protocol ArrayIndexElement {
  static func index(of elements: [Self]) -> ArrayIndex
}

extension Int: ArrayIndexElement {
  public static func index(of elements: [Int]) -> ArrayIndex { .positions(elements, shape: [elements.count]) }
}
extension Bool: ArrayIndexElement {
  public static func index(of elements: [Bool]) -> ArrayIndex { .truths(elements, shape: [elements.count]) }
}
extension Array: ArrayIndexElement where Element: ArrayIndexElement {
  /// Lists of different lengths have a size of -1, which no array has: using them tells.
  public static func index(of elements: [Self]) -> ArrayIndex {
    var positions: [Int] = []
    var truths: [Bool] = []
    var inner: [Int]?
    var isEven = true
    for element in elements {
      let shape: [Int]
      switch element.item {
      case .positions(let values, let own): (positions, shape) = (positions + values, own)
      case .truths(let values, let own): (truths, shape) = (truths + values, own)
      default: shape = []
      }
      if inner == nil { inner = shape }
      isEven = isEven && inner == shape
    }
    let shape = [isEven ? elements.count : -1] + (inner ?? [0])
    return positions.isEmpty && !truths.isEmpty ? .truths(truths, shape: shape) : .positions(positions, shape: shape)
  }
}
