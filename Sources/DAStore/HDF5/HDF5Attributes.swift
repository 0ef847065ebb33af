// Attributes of groups and datasets as JSON values: numbers, strings and arrays of them.

/// A named value of an object.
struct HDF5Attribute {
  var name: String
  var type: HDF5Datatype
  /// `nil` for a null dataspace.
  var shape: [Int]?
  var bytes: [UInt8]
}

extension HDF5ObjectHeader {
  /// All attributes, sorted by name; those that cannot be read here are left out.
  ///
  /// - Throws: `.corrupt`.
  func attributes() throws(StoreError) -> [HDF5Attribute] {
    var attributes: [HDF5Attribute] = []
    func add(_ bytes: [UInt8]) throws(StoreError) {
      do throws(StoreError) {
        attributes.append(try HDF5Attribute(bytes, file))
      } catch {
        // An attribute of an unknown kind must not hide the array that it describes.
        guard error.code == .unsupported else { throw error }
      }
    }
    for message in messages where message.kind == Kind.attribute { try add(try resolved(message, "attribute")) }
    if var info = try cursor(Kind.attributeInfo, "attribute info") {
      _ = try info.version(0...0)
      if try info.byte() & 1 != 0 { try info.skip(2) }
      if let heapAddress = try info.address(), let treeAddress = try info.address() {
        let heap = try HDF5FractalHeap(file, at: heapAddress)
        try HDF5Tree2.forEachRecord(file, at: treeAddress) { kind, record throws(StoreError) in
          var record = record
          guard kind == 8 else { throw record.corrupt("of kind \(kind) among attributes") }
          let bytes: [UInt8]
          do throws(StoreError) {
            bytes = try heap.object(try record.take(8))
          } catch {
            guard error.code == .unsupported else { throw error }
            return
          }
          try add(bytes)
        }
      }
    }
    return attributes.sorted { $0.name < $1.name }
  }
}

extension HDF5Attribute {
  /// Reads an attribute message.
  init(_ message: [UInt8], _ file: HDF5File) throws(StoreError) {
    var cursor = HDF5Cursor(message, file.sizes, "attribute")
    let version = try cursor.version(1...3)
    let flags = try cursor.byte()
    let (nameCount, typeCount, spaceCount) = (try cursor.integer(2), try cursor.integer(2), try cursor.integer(2))
    if version == 3 { try cursor.skip(1) }
    func part(_ count: Int) throws(StoreError) -> [UInt8] {
      let bytes = try cursor.take(count)
      if version == 1 { try cursor.skip(min(cursor.remaining, (8 - count % 8) % 8)) }
      return bytes
    }
    name = hdf5Text(try part(nameCount))
    var typeBytes = try part(typeCount)
    var spaceBytes = try part(spaceCount)
    if version > 1, flags & 1 != 0 {
      typeBytes = try HDF5ObjectHeader.shared(typeBytes, kind: HDF5ObjectHeader.Kind.datatype, file, "datatype")
    }
    if version > 1, flags & 2 != 0 {
      spaceBytes = try HDF5ObjectHeader.shared(spaceBytes, kind: HDF5ObjectHeader.Kind.dataspace, file, "dataspace")
    }
    type = try HDF5Datatype(typeBytes, file.sizes)
    shape = try HDF5Dataspace(spaceBytes, file.sizes).shape
    bytes = try cursor.take(cursor.remaining)
  }

  /// The elements, each as its stored bytes.
  ///
  /// - Throws: `.corrupt` when fewer are stored than the shape says.
  func elements(_ sizes: HDF5Sizes) throws(StoreError) -> [[UInt8]] {
    guard let shape else { return [] }
    let size = type.byteCount(sizes)
    let (count, overflow) = shape.reduce((1, false)) { result, extent in
      let (product, overflow) = result.0.multipliedReportingOverflow(by: extent)
      return (product, result.1 || overflow)
    }
    guard size > 0 else { return [] }
    guard !overflow, count <= bytes.count / size else {
      throw StoreError(.corrupt, "HDF5 attribute '\(name)' of shape \(shapeText(shape)) has only \(bytes.count) bytes")
    }
    return (0..<count).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
  }

  /// The value: `null` without elements in a null dataspace; `nil` for types that JSON has no word for.
  func json(_ file: HDF5File) throws(StoreError) -> JSONValue? {
    guard let shape else { return .null }
    var values: [JSONValue] = []
    for element in try elements(file.sizes) {
      switch type {
      case .number(let dtype, let isBigEndian):
        values.append(JSONValue(hdf5Element(element, dtype, isBigEndian: isBigEndian)))
      case .string: values.append(.string(hdf5Text(element)))
      case .variableString: values.append(.string(hdf5Text(try Self.contents(element, file))))
      case .variableSequence, .objectReference, .other: return nil
      }
    }
    return Self.nested(values[...], shape[...])
  }

  /// What a value of variable length refers to: its length, a collection of the global heap, a number in it.
  static func contents(_ reference: [UInt8], _ file: HDF5File) throws(StoreError) -> [UInt8] {
    var cursor = HDF5Cursor(reference, file.sizes, "value of variable length")
    guard try cursor.integer(4) > 0, let collection = try cursor.address(), collection > 0 else { return [] }
    return try file.globalHeapObject(collection: collection, index: try cursor.integer(4))
  }

  private static func nested(_ values: ArraySlice<JSONValue>, _ shape: ArraySlice<Int>) -> JSONValue {
    guard let count = shape.first else { return values.first ?? .null }
    guard count > 0, !values.isEmpty else { return .array([]) }
    let stride = values.count / count
    return .array(
      (0..<count).map {
        nested(values[values.startIndex + $0 * stride..<values.startIndex + ($0 + 1) * stride], shape.dropFirst())
      })
  }
}

/// One stored element, in the order of memory.
func hdf5Element(_ bytes: [UInt8], _ dtype: DType, isBigEndian: Bool) -> ElementValue {
  var bytes = bytes
  return bytes.withUnsafeMutableBytes { buffer in
    if isBigEndian { swapByteOrder(buffer, unit: dtype.byteOrderUnit) }
    return ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(buffer))
  }
}
