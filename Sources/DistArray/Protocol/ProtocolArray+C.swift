// The protocol's structure in C's form, so that libraries of any language in the process can share a local buffer.

import CDistributedArray
import DAStore

extension ProtocolArray {
  /// Fills a structure for a consumer that reads C.
  ///
  /// The buffer is shared. It and everything the structure points to live until the consumer calls `release`; a
  /// consumer that never does leaks them.
  /// - Parameter structure: Memory of the consumer; what it held is overwritten.
  public func export(to structure: UnsafeMutablePointer<distributed_array>) {
    let holder = ExportHolder(self)
    structure.initialize(
      to: distributed_array(
        version: UnsafePointer(holder.version), buffer: buffer.start, dtype: UnsafePointer(holder.dtype),
        shape: UnsafePointer(holder.shape), strides: UnsafePointer(holder.strides),
        dim_data: UnsafePointer(holder.dims),
        ndim: Int32(buffer.shape.count), read_only: buffer.isReadOnly ? 1 : 0,
        release: { structure in
          guard let structure, let data = structure.pointee.private_data else { return }
          structure.pointee.release = nil
          structure.pointee.private_data = nil
          Unmanaged<ExportHolder>.fromOpaque(data).release()
        },
        private_data: Unmanaged.passRetained(holder).toOpaque()))
  }

  /// Imports a structure that a producer filled, and takes it over: `release` is called when the last copy of the
  /// buffer's description is gone, or at once when a rule is broken.
  ///
  /// Pointers are trusted as C trusts them; numbers are not.
  /// - Parameter structure: The producer's structure; its `release` is NULL afterwards.
  /// - Throws: as ``init(version:buffer:dimData:)``, and `.unsupportedDType` for elements that this library does not
  ///   have.
  public init(importing structure: UnsafeMutablePointer<distributed_array>) throws(StoreError) {
    let owner = ImportOwner(taking: structure)
    let fields = structure.pointee
    guard let versionPointer = fields.version else {
      throw StoreError(.invalidArgument, "distributed array: 'version' is NULL")
    }
    guard fields.ndim >= 0, fields.ndim <= maximumDimensionCount else {
      throw StoreError(
        .invalidArgument, "distributed array: 'ndim' is \(fields.ndim), expected 0 to \(maximumDimensionCount)")
    }
    let count = Int(fields.ndim)
    let dims = UnsafeBufferPointer(start: fields.dim_data, count: fields.dim_data == nil ? 0 : count)
    let shape = UnsafeBufferPointer(start: fields.shape, count: fields.shape == nil ? 0 : count).map { Int($0) }
    guard dims.count == count, shape.count == count else {
      throw StoreError(.invalidArgument, "distributed array: 'shape' or 'dim_data' is NULL for \(count) axes")
    }
    let strides = fields.strides.map { UnsafeBufferPointer(start: $0, count: count).map { Int($0) } }
    let buffer = try ProtocolBuffer(
      start: fields.buffer, dtype: try Self.dtype(fields.dtype), shape: shape, strides: strides,
      isReadOnly: fields.read_only != 0, keeping: owner)
    var dimData: [DimData] = []
    for axis in 0..<count { dimData.append(try DimData(dims[axis], axis: axis)) }
    try self.init(version: String(cString: versionPointer), buffer: buffer, dimData: dimData)
  }

  private static func dtype(_ pointer: UnsafePointer<CChar>?) throws(StoreError) -> DType {
    guard let pointer else { throw StoreError(.invalidArgument, "distributed array: 'dtype' is NULL") }
    let text = String(String(cString: pointer).prefix(40))
    guard let (dtype, isBigEndian) = DType.parse(text) else {
      throw StoreError(.unsupportedDType, "distributed array: elements of type '\(text)' are not supported")
    }
    guard !isBigEndian else {
      throw StoreError(
        .unsupportedDType, "distributed array: '\(text)' is big-endian; memory is shared in this machine's order only")
    }
    return dtype
  }
}

extension DimData {
  /// Reads the plain fields by the rules that hold for dictionaries.
  fileprivate init(_ fields: distributed_array_dim, axis: Int) throws(StoreError) {
    let letter = String(UnicodeScalar(UInt8(bitPattern: fields.dist_type)))
    var entries: [PythonLiteral.Entry] = []
    func add(_ key: String, _ value: PythonLiteral) { entries.append(.init(.string(key), value)) }
    func add(_ key: String, _ value: Int64) { add(key, .int(Int(value))) }
    func flag(_ value: Int32) -> PythonLiteral { value == 0 || value == 1 ? .bool(value == 1) : .int(Int(value)) }
    add("dist_type", .string(letter))
    add("size", fields.size)
    add("proc_grid_size", fields.proc_grid_size)
    add("proc_grid_rank", fields.proc_grid_rank)
    switch letter {
    case "b":
      add("start", fields.start)
      add("stop", fields.stop)
      add("padding", .tuple([.int(Int(fields.padding.0)), .int(Int(fields.padding.1))]))
      add("periodic", flag(fields.periodic))
    case "c":
      add("start", fields.start)
      add("block_size", fields.block_size)
    case "u":
      add("indices", .list([]))
      add("one_to_one", flag(fields.one_to_one))
    default: break
    }
    try self.init(parsing: .dict(entries), axis: axis, bufferExtent: 0, code: .invalidArgument)
    if case .unstructured(_, let isOneToOne) = distribution {
      // Lists may be long: they are taken as they are, not through literals.
      guard fields.index_count >= 0, fields.indices != nil || fields.index_count == 0 else {
        throw StoreError(
          .invalidArgument,
          "dim_data[\(axis)]: 'index_count' is \(fields.index_count) and 'indices' "
            + "\(fields.indices == nil ? "NULL" : "set"), expected as many indices as are counted")
      }
      let list = UnsafeBufferPointer(start: fields.indices, count: Int(fields.index_count)).map { Int($0) }
      distribution = .unstructured(indices: list, isOneToOne: isOneToOne)
    }
  }

  /// The plain fields; `indices` is left for whoever holds the list.
  fileprivate var fields: distributed_array_dim {
    var fields = distributed_array_dim()
    fields.size = Int64(size)
    fields.proc_grid_size = Int64(gridSize)
    fields.proc_grid_rank = Int64(gridRank)
    fields.dist_type = CChar(bitPattern: UInt8(ascii: "b"))
    switch distribution {
    case .undistributed: fields.stop = Int64(size)
    case .block(let held, let padding, let isPeriodic):
      fields.start = Int64(held.lowerBound)
      fields.stop = Int64(held.upperBound)
      fields.padding = (Int64(padding.lower), Int64(padding.upper))
      fields.periodic = isPeriodic ? 1 : 0
    case .cyclic(let blockSize):
      fields.dist_type = CChar(bitPattern: UInt8(ascii: "c"))
      fields.start = Int64(gridRank) * Int64(blockSize)
      fields.block_size = Int64(blockSize)
    case .unstructured(let indices, let isOneToOne):
      fields.dist_type = CChar(bitPattern: UInt8(ascii: "u"))
      fields.index_count = Int64(indices.count)
      fields.one_to_one = isOneToOne ? 1 : 0
    }
    return fields
  }
}

/// Everything that an exported structure points to.
private final class ExportHolder {
  let array: ProtocolArray
  let version: UnsafeMutablePointer<CChar>
  let dtype: UnsafeMutablePointer<CChar>
  let shape: UnsafeMutablePointer<Int64>
  let strides: UnsafeMutablePointer<Int64>
  let dims: UnsafeMutablePointer<distributed_array_dim>
  private var lists: [UnsafeMutablePointer<Int64>] = []

  init(_ array: ProtocolArray) {
    func copy<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
      let memory = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
      _ = UnsafeMutableBufferPointer(start: memory, count: values.count).initialize(from: values)
      return memory
    }
    self.array = array
    version = copy(Array(array.version.utf8CString))
    dtype = copy(Array(array.buffer.dtype.numpyString.utf8CString))
    shape = copy(array.buffer.shape.map { Int64($0) })
    strides = copy(array.buffer.strides.map { Int64($0) })
    dims = copy(array.dimData.map(\.fields))
    for (axis, data) in array.dimData.enumerated() {
      guard case .unstructured(let indices, _) = data.distribution else { continue }
      let list = copy(indices.map { Int64($0) })
      lists.append(list)
      dims[axis].indices = UnsafePointer(list)
    }
  }

  deinit {
    version.deallocate()
    dtype.deallocate()
    shape.deallocate()
    strides.deallocate()
    dims.deallocate()
    for list in lists { list.deallocate() }
  }
}

/// A structure taken over from its producer; gives it back when nobody needs it any more.
private final class ImportOwner {
  private var structure: distributed_array

  init(taking structure: UnsafeMutablePointer<distributed_array>) {
    self.structure = structure.pointee
    structure.pointee.release = nil
  }

  deinit { structure.release?(&structure) }
}
