// Changing stored arrays: assignment to an array that is then put in the old one's place.

import DAStore
import MessagePassing

extension Context {
  /// Changes a stored array: `try context.update("u.dnpy") { u in u[2..<5] = x }`.
  ///
  /// Of a `.dnpy` file of version 2 only the chunks are computed and written that assignments reach; they appear
  /// together, as a new generation, when all are on the disk. Other writers are kept out from before the array is read.
  /// A `.npy` file is written anew, in C order, under another name and then takes the old one's. In both cases readers
  /// see the old array or the new one, and a failure leaves the old one.
  /// - Parameters:
  ///   - name: Of a whole array, as ``open(_:)`` takes it.
  ///   - body: Assigns to the array; shape and element type must stay. Nothing is written when it assigns nothing.
  /// - Throws: The same on every rank: what `body` throws, the first error in making the array, `.unsupported` for
  ///   other formats, `.invalidArgument` for another shape or type, `.locked`, `.memory` with the budget that would do,
  ///   `.io`.
  /// - Collective: yes; every rank assigns the same.
  public func update(
    _ name: String, _ body: (inout DistArray) throws(StoreError) -> Void
  ) throws(StoreError) {
    let parsed = try DatasetName(parsing: name)
    guard parsed.selection == nil, parsed.generation == nil, parsed.member == nil else {
      throw StoreError(
        .invalidArgument, "'\(name)' is a part of an array or an old one; update the whole: assign to a part inside")
    }
    let old = try openDataset(parsed, over: communicator)
    switch old.description.format {
    case .dnpy2: break
    case .npy:
      let changed = try changed(old, body)
      if changed.numbers?.isEmpty == true { return }
      try changed.array.write(to: parsed.path, overwrite: true)
      return
    case .npz, .dnpy1, .hdf5, .memory, .scratch:
      throw StoreError(
        .unsupported,
        "arrays in format \(old.description.format.rawValue) cannot be changed in place; convert it to .dnpy "
          + "(dastore-tool convert) and update that", path: name)
    }
    let pool = BufferPool(budget: options.budget.byteCount)
    let writer = try Dnpy2Writer.update(path: parsed.path, communicator: communicator, pool: pool)
    do throws(StoreError) {
      // Again, now that nobody else can write a generation.
      let changed = try changed(openDataset(parsed, over: communicator), body)
      if changed.numbers?.isEmpty == true { return writer.abandon() }
      try ChunkUpdate(
        source: changed.array.dataset(name: name), writer: writer, numbers: changed.numbers?.sorted(),
        communicator: communicator, options: options
      ).run()
      try writer.commit()
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// What `body` makes of a dataset, and the chunks that it may have changed.
  private func changed(
    _ old: any ChunkedDataset, _ body: (inout DistArray) throws(StoreError) -> Void
  ) throws(StoreError) -> (array: DistArray, numbers: Set<Int>?) {
    var array = array(old)
    try communicator.agree(Result { () throws(StoreError) in try body(&array) })
    let expression = try array.result.get()
    let facts = old.description
    guard expression.shape == facts.shape, expression.dtype == facts.dtype else {
      throw StoreError(
        .invalidArgument,
        "an update keeps shape \(shapeText(facts.shape)) and type \(facts.dtype.name), but made "
          + "\(shapeText(expression.shape)) \(expression.dtype.name); write that to another file", path: old.path)
    }
    return (array, expression.changedChunks(of: old))
  }
}
