// Single elements of a distributed array, by their global index.

import DAStore
import MessagePassing

extension DistributedArray {
  /// The element at a global index, on every rank.
  ///
  /// - Parameter index: One per axis, the same on every rank; negative ones count from the end.
  /// - Throws: `.invalidArgument` for another number of indices, or one outside its axis, with index, axis and size.
  /// - Collective: yes.
  public func element(at index: [Int]) throws(StoreError) -> ElementValue {
    let (owner, offset) = try place(of: index)
    var bytes = [UInt8](repeating: 0, count: dtype.byteCount)
    let memory = try localMemory()
    if owner == context.communicator.rank {
      bytes = Array(memory.bytes[offset..<offset + dtype.byteCount])
    }
    try passing { () throws(MPIError) in try context.communicator.broadcast(&bytes, from: owner) }
    return bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }

  /// The element at a global index as a Swift value, on every rank.
  ///
  /// - Throws: As ``element(at:)``; `.unsupportedDType` when the elements have another type.
  /// - Collective: yes.
  public func value<E: Element>(at index: [Int], as _: E.Type) throws(StoreError) -> E {
    guard let value = try element(at: index).value(as: E.self) else {
      throw StoreError(
        .unsupportedDType, "elements are \(dtype.name), not \(E.dtype.name); ask for the array's own type")
    }
    return value
  }

  /// Changes the element at a global index. Copies of it on other ranks stay as they are until ``exchangeHalos()``.
  ///
  /// - Parameters: the same on every rank; negative indices count from the end.
  /// - Throws: As ``element(at:)``; `.unsupportedDType` for a value of another type.
  /// - Collective: all ranks call it; nothing is sent.
  public func setElement(at index: [Int], to value: ElementValue) throws(StoreError) {
    guard value.dtype == dtype else {
      throw StoreError(.unsupportedDType, "a value of \(value.dtype.name) for elements of \(dtype.name)")
    }
    let (owner, offset) = try place(of: index)
    let memory = try localMemory()
    guard owner == context.communicator.rank else { return }
    value.fill(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[offset..<offset + dtype.byteCount]))
  }

  /// The rank that owns an element, and where it stands in that rank's buffer, in bytes.
  private func place(of index: [Int]) throws(StoreError) -> (owner: Int, offset: Int) {
    guard index.count == dimensionCount else {
      throw StoreError(
        .invalidArgument, "\(index.count) indices for the \(dimensionCount) axes of an array \(shapeText(shape))")
    }
    var global = index
    for (axis, size) in shape.enumerated() {
      guard index[axis] >= -size && index[axis] < size else {
        throw StoreError(
          .invalidArgument,
          "index \(index[axis]) is out of bounds for axis \(axis) with size \(size) of shape \(shapeText(shape))")
      }
      if index[axis] < 0 { global[axis] += size }
    }
    let owner = try distribution.owner(of: global)
    guard let local = distribution.localIndex(ofGlobal: global, rank: owner),
      let block = LocalBlock(distribution, rank: owner)
    else { throw StoreError(.internalFault, "an owner without its element") }
    return (owner, block.offset(local) * dtype.byteCount)
  }
}
