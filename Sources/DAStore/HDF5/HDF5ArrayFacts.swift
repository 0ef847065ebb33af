// What a dataset's header says, for opening it and for listing it without opening.

/// A dataset as its header describes it.
struct HDF5ArrayFacts {
  let header: HDF5ObjectHeader
  let type: HDF5Datatype
  let space: HDF5Dataspace
  let layout: HDF5Layout
  let filters: [HDF5Filter]
  /// As stored, in the file's byte order.
  let fillValue: [UInt8]?
  /// Elements lie in files of their own.
  let isExternal: Bool

  /// - Throws: `.invalidArgument` for a group; `.corrupt`, `.unsupported`.
  init(_ header: HDF5ObjectHeader) throws(StoreError) {
    typealias Kind = HDF5ObjectHeader.Kind
    let file = header.file
    func bytes(_ kind: Int, _ what: String) throws(StoreError) -> [UInt8] {
      guard let message = header.messages.first(where: { $0.kind == kind }) else {
        throw StoreError(.corrupt, "HDF5 dataset at byte \(header.address) has no \(what)")
      }
      return try header.resolved(message, what)
    }
    guard let place = header.messages.first(where: { $0.kind == Kind.layout }) else {
      throw StoreError(
        .invalidArgument, "names a group or a type, not a dataset; 'dastore-tool info' on the file lists its datasets")
    }
    self.header = header
    type = try HDF5Datatype(try bytes(Kind.datatype, "datatype"), file.sizes)
    space = try HDF5Dataspace(try bytes(Kind.dataspace, "dataspace"), file.sizes)
    layout = try HDF5Layout(place, file.sizes)
    if let message = header.messages.first(where: { $0.kind == Kind.filters }) {
      filters = try HDF5Filter.pipeline(try header.resolved(message, "filter pipeline"), file.sizes)
    } else {
      filters = []
    }
    fillValue = try hdf5FillValue(header)
    isExternal = header.messages.contains { $0.kind == Kind.externalFiles }
  }

  /// Attributes that say something to people; how HDF5 and NetCDF tie dimension scales together is told as names of
  /// dimensions.
  func attributes() throws(StoreError) -> [String: JSONValue] {
    let internals: Set = [
      "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "CLASS", "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates",
      "_NCProperties", "_nc3_strict",
    ]
    var result: [String: JSONValue] = [:]
    for attribute in try header.attributes() where !internals.contains(attribute.name) {
      if let value = try attribute.json(header.file) { result[attribute.name] = value }
    }
    return result
  }

  /// `contiguous`, `chunked`, `virtual`.
  var layoutName: String {
    switch layout {
    case .contiguous: isExternal ? "external" : "contiguous"
    case .chunked: "chunked"
    case .virtual: "virtual"
    }
  }

  var filterNames: [String] { filters.map { HDF5FilterChain.name(ofFilter: $0.id, stored: $0.name) } }

  var details: [DatasetDescription.Detail] {
    var details: [DatasetDescription.Detail] = [.init("layout", .string(layoutName))]
    if case .number(_, isBigEndian: true) = type { details.append(.init("byte_order", .string("big-endian"))) }
    if space.shape == nil { details.append(.init("dataspace", .string("null"))) }
    if let shape = space.shape, zip(shape, space.limits).contains(where: { $0 != $1 }) {
      details.append(.init("maximum_shape", .array(space.limits.map { $0.map { .int($0) } ?? .string("unlimited") })))
    }
    return details
  }
}
