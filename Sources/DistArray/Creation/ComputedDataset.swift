// Arrays whose elements follow from their indices: nothing is stored, every chunk is made when it is asked for.

import DAStore

/// Elements whose numbers in row-major order are evenly spaced.
struct NumberRun {
  var first: Int
  var step: Int
  var count: Int
}

/// How the elements of an array follow from their row-major numbers.
///
/// An element depends on its number alone, so that it is the same whatever the chunks, the ranks and the order.
protocol ComputedElements: Sendable {
  var dtype: DType { get }
  /// The value of all elements, if they are equal.
  var constant: ElementValue? { get }
  /// Makes the elements of a run, one after the other, at an aligned place. Local; called from several threads at once.
  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer)
}

extension ComputedElements {
  var constant: ElementValue? { nil }
}

/// An array that is computed from indices, as a dataset without stored bytes.
final class ComputedDataset: DerivedDataset {
  let path: String
  let description: DatasetDescription
  private let elements: any ComputedElements

  /// - Parameter name: What messages call it.
  /// - Throws: `.invalidArgument` for a shape that no array can have.
  init(_ elements: any ComputedElements, shape: [Int], name: String) throws(StoreError) {
    self.elements = elements
    path = name
    do throws(StoreError) {
      _ = try checkedElementCount(shape, dtype: elements.dtype)
      let chunkShape = ChunkGrid.slabs(shape, elementByteCount: elements.dtype.byteCount, targetByteCount: 1 << 20)
      description = DatasetDescription(
        format: .memory, shape: shape, dtype: elements.dtype, grid: try ChunkGrid(shape: shape, chunkShape: chunkShape),
        storedByteCount: 0)
    } catch {
      throw error.at(path: name)
    }
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    if let value = elements.constant { return .constant(value) }
    return .encoded([])
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    throw StoreError(.internalFault, "a computed array has nothing to read", path: path)
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let region = description.grid.region(of: number)
    let axes = region.lower.indices.map {
      StridedBox.Axis(start: region.lower[$0], step: 1, count: region.upper[$0] - region.lower[$0])
    }
    try fill(StridedBox(axes), into: buffer)
  }

  /// Makes the elements of a box, dense, in C order of the box's axes: a view of a computed array needs no chunks.
  ///
  /// - Throws: `.internalFault` when the buffer has another size.
  func fill(_ box: StridedBox, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    let size = elements.dtype.byteCount
    guard buffer.count == box.elementCount * size else {
      throw StoreError(.internalFault, "a buffer of \(buffer.count) bytes for \(box.elementCount) elements", path: path)
    }
    guard let start = buffer.baseAddress, buffer.count > 0 else { return }
    if let value = elements.constant { return value.fill(buffer) }
    let (first, axes) = numbers(of: box)
    let inner = axes.last ?? NumberAxis(step: 1, count: 1)
    var position = Array(repeating: 0, count: max(0, axes.count - 1))
    var run = NumberRun(first: first, step: inner.step, count: inner.count)
    var place = start
    while true {
      elements.fill(run, into: place)
      place += inner.count * size
      var axis = position.count - 1
      while axis >= 0 {
        position[axis] += 1
        run.first += axes[axis].step
        if position[axis] < axes[axis].count { break }
        run.first -= axes[axis].step * axes[axis].count
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private struct NumberAxis {
    var step: Int
    var count: Int
  }

  /// A box as the number of its first element and the steps along its axes; axes that go on where the next one ends
  /// are one.
  private func numbers(of box: StridedBox) -> (first: Int, axes: [NumberAxis]) {
    let strides = rowMajorStrides(description.shape, elementByteCount: 1)
    var first = 0
    var axes: [NumberAxis] = []
    for (axis, stride) in zip(box.axes, strides) {
      first += axis.start * stride
      guard axis.count != 1 else { continue }
      let inner = NumberAxis(step: axis.step * stride, count: axis.count)
      if let outer = axes.last, outer.step == inner.step * inner.count {
        axes[axes.count - 1] = NumberAxis(step: inner.step, count: outer.count * inner.count)
      } else {
        axes.append(inner)
      }
    }
    return (first, axes)
  }
}

/// One value everywhere.
struct ConstantElements: ComputedElements {
  let value: ElementValue
  var dtype: DType { value.dtype }
  var constant: ElementValue? { value }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    value.fill(UnsafeMutableRawBufferPointer(start: elements, count: run.count * dtype.byteCount))
  }
}
