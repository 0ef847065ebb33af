// What a user's function sees of an array and where it writes: the elements of one block, by their indices.

import DAStore

/// Where a block lies in its array, and how its elements lie in memory.
public struct BlockPlace: Sendable {
  /// The block's elements in the array, without the halo.
  public let region: Region
  /// Per axis, how many elements beyond `region` the block has on either side.
  public let halo: [Int]
  /// Extents of the block with its halo.
  public let shape: [Int]
  /// How far neighbours along each axis lie apart, in elements.
  public let strides: [Int]
  /// Place of the region's first element among the elements.
  @usableFromInline let origin: Int
  // The strides of the last three axes, where the subscripts find them without looking into an array.
  @usableFromInline let outer: Int
  @usableFromInline let middle: Int

  init(region: Region, halo: [Int]) {
    self.region = region
    self.halo = halo
    shape = zip(region.shape, halo).map { $0 + 2 * $1 }
    strides = rowMajorStrides(shape, elementByteCount: 1)
    origin = zip(halo, strides).reduce(0) { $0 + $1.0 * $1.1 }
    outer = strides.count > 2 ? strides[strides.count - 3] : 0
    middle = strides.count > 1 ? strides[strides.count - 2] : 0
  }

  public var dimensionCount: Int { shape.count }

  /// Place among the elements of the one at these indices, which count from the region's first element.
  @inlinable public func offset(_ indices: [Int]) -> Int {
    precondition(indices.count == shape.count, "one index for each of the block's axes")
    var offset = origin
    for axis in indices.indices { offset += indices[axis] * strides[axis] }
    return offset
  }

  @inlinable func offset(_ i: Int) -> Int {
    assert(shape.count == 1, "one index for a block of one axis")
    return origin + i
  }

  @inlinable func offset(_ i: Int, _ j: Int) -> Int {
    assert(shape.count == 2, "two indices for a block of two axes")
    return origin + i * middle + j
  }

  @inlinable func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
    assert(shape.count == 3, "three indices for a block of three axes")
    return origin + i * outer + j * middle + k
  }
}

/// The elements of an array in one block, to be read while a function of blocks runs and no longer.
///
/// Indices count from the first element of the block's own region; those of a halo are negative or lie beyond the
/// region's extents. An index outside the block is the caller's mistake, as with Swift's arrays.
public struct Block<Element: DAStore.Element> {
  public let place: BlockPlace
  /// All elements with the halo, in C order. Valid until the function returns; `span` gives a checked view.
  public let elements: UnsafeBufferPointer<Element>

  @usableFromInline init(_ place: BlockPlace, _ elements: UnsafeBufferPointer<Element>) {
    self.place = place
    self.elements = elements
  }

  /// Where the block's own elements are in the array.
  public var region: Region { place.region }
  /// Extents of the block without its halo.
  public var shape: [Int] { place.region.shape }

  @inlinable func element(_ offset: Int) -> Element {
    precondition(offset >= 0 && offset < elements.count, "an index inside the block")
    return elements[offset]
  }

  @inlinable public subscript(_ i: Int) -> Element { element(place.offset(i)) }
  @inlinable public subscript(_ i: Int, _ j: Int) -> Element { element(place.offset(i, j)) }
  @inlinable public subscript(_ i: Int, _ j: Int, _ k: Int) -> Element { element(place.offset(i, j, k)) }
  @inlinable public subscript(_ indices: [Int]) -> Element { element(place.offset(indices)) }
}

/// The elements of a result in one block, to be written while a function of blocks runs; zeros before.
public struct ResultBlock<Element: DAStore.Element> {
  /// The block in the result's indices; it has no halo.
  public let place: BlockPlace
  /// All elements, in C order. Valid until the function returns; `mutableSpan` gives a checked view.
  public let elements: UnsafeMutableBufferPointer<Element>

  @usableFromInline init(_ place: BlockPlace, _ elements: UnsafeMutableBufferPointer<Element>) {
    self.place = place
    self.elements = elements
  }

  /// Where the elements are in the result.
  public var region: Region { place.region }
  public var shape: [Int] { place.region.shape }

  @inlinable func checked(_ offset: Int) -> Int {
    precondition(offset >= 0 && offset < elements.count, "an index inside the block")
    return offset
  }

  @inlinable public subscript(_ i: Int) -> Element {
    get { elements[checked(place.offset(i))] }
    nonmutating set { elements[checked(place.offset(i))] = newValue }
  }
  @inlinable public subscript(_ i: Int, _ j: Int) -> Element {
    get { elements[checked(place.offset(i, j))] }
    nonmutating set { elements[checked(place.offset(i, j))] = newValue }
  }
  @inlinable public subscript(_ i: Int, _ j: Int, _ k: Int) -> Element {
    get { elements[checked(place.offset(i, j, k))] }
    nonmutating set { elements[checked(place.offset(i, j, k))] = newValue }
  }
  @inlinable public subscript(_ indices: [Int]) -> Element {
    get { elements[checked(place.offset(indices))] }
    nonmutating set { elements[checked(place.offset(indices))] = newValue }
  }
}
