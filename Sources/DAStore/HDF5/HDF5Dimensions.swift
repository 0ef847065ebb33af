// Names of dimensions: labels, and the dimension scales of HDF5 and NetCDF-4.

enum HDF5Dimensions {
  /// What NetCDF-4 calls a scale without values of its own.
  private static let placeholder = "This is a netCDF dimension but not a netCDF variable"

  /// One name per axis, `nil` where it has none; `nil` when no axis has one.
  static func names(of header: HDF5ObjectHeader, count: Int) throws(StoreError) -> [String?]? {
    var names = [String?](repeating: nil, count: count)
    let attributes = try header.attributes()
    let file = header.file
    if let list = attributes.first(where: { $0.name == "DIMENSION_LIST" }),
      case .variableSequence(.objectReference) = list.type
    {
      var paths: [Int: String]?
      for (axis, reference) in try list.elements(file.sizes).prefix(count).enumerated() {
        var targets = HDF5Cursor(try HDF5Attribute.contents(reference, file), file.sizes, "dimension list")
        guard targets.remaining >= file.sizes.address, let address = try targets.address() else { continue }
        let scale = try HDF5ObjectHeader(file, at: address)
        let given = try scale.attributes().first { $0.name == "NAME" }?.json(file)?.stringValue
        if let given, !given.isEmpty, !given.hasPrefix(placeholder) {
          names[axis] = given
        } else {
          // Then the scale's name is that of its link.
          if paths == nil { paths = try HDF5Tree.datasetPaths(of: file) }
          names[axis] = paths?[address].map { String($0.split(separator: "/").last ?? "") }
        }
      }
    }
    // A variable over its own dimension has no list: it is the scale.
    if count == 1, names[0] == nil, attributes.contains(where: { $0.name == "CLASS" }),
      let name = try attributes.first(where: { $0.name == "NAME" })?.json(file)?.stringValue, !name.isEmpty,
      !name.hasPrefix(placeholder)
    {
      names[0] = name
    }
    if let labels = try attributes.first(where: { $0.name == "DIMENSION_LABELS" })?.json(file)?.arrayValue {
      for (axis, label) in labels.prefix(count).enumerated() {
        if let text = label.stringValue, !text.isEmpty { names[axis] = text }
      }
    }
    return names.contains { $0 != nil } ? names : nil
  }
}
