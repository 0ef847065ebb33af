// Attributes of an array as HDF5 has them.

/// Attribute messages, and the heap in which their strings lie.
struct HDF5AttributeEncoding {
  /// Where the heap will lie.
  private let heapAddress: Int
  private var heapObjects = HDF5Bytes()
  private var heapObjectCount = 0
  private(set) var messages: [[UInt8]] = []

  init(_ attributes: [String: JSONValue], dimensionNames: [String?]?, heapAddress: Int) throws(StoreError) {
    self.heapAddress = heapAddress
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { try add(name, value) }
    if let names = dimensionNames, names.contains(where: { $0 != nil }) {
      try add("DIMENSION_LABELS", .array(names.map { .string($0 ?? "") }))
    }
  }

  /// A collection of the global heap; empty when there are no strings.
  var heap: [UInt8] {
    guard heapObjectCount > 0 else { return [] }
    // The format's smallest collection; what is left is one free object.
    let byteCount = max(4096, 16 + heapObjects.bytes.count + 16)
    var out = HDF5Bytes()
    out.add("GCOL".utf8)
    out.add([1, 0, 0, 0])
    out.add(byteCount, 8)
    out.add(heapObjects.bytes)
    let free = byteCount - out.bytes.count
    out.add(0, 8)
    out.add(free, 8)
    out.pad(to: byteCount)
    return out.bytes
  }

  private mutating func add(_ name: String, _ value: JSONValue) throws(StoreError) {
    guard let (shape, leaves) = Self.flattened(value), let first = leaves.first else {
      if value == .null || value == .array([]) {
        let space = HDF5Encoding.dataspace(value == .null ? nil : [0])
        messages.append(
          HDF5Encoding.attribute(name, type: HDF5Encoding.datatype(.float64), space: space, value: []))
        return
      }
      // What has no counterpart is carried as its JSON text.
      return try add(name, .string(String(decoding: try value.encoded(), as: UTF8.self)))
    }
    var type = HDF5Encoding.datatype(.float64)
    var out = HDF5Bytes()
    switch first {
    case .string:
      type = HDF5Encoding.variableString
      for leaf in leaves { try addString(leaf.stringValue ?? "", to: &out) }
    case .bool:
      type = HDF5Encoding.datatype(.bool)
      out.add(leaves.map { $0 == .bool(true) ? 1 : 0 })
    default:
      if leaves.allSatisfy({ $0.intValue != nil }) {
        type = HDF5Encoding.datatype(.int64)
        for leaf in leaves { out.add(UInt64(bitPattern: Int64(leaf.intValue ?? 0)), 8) }
      } else {
        for leaf in leaves { out.add(Self.number(leaf).bitPattern, 8) }
      }
    }
    messages.append(HDF5Encoding.attribute(name, type: type, space: HDF5Encoding.dataspace(shape), value: out.bytes))
  }

  private static func number(_ value: JSONValue) -> Double {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    default: .nan
    }
  }

  private mutating func addString(_ text: String, to out: inout HDF5Bytes) throws(StoreError) {
    let bytes = Array(text.utf8)
    out.add(bytes.count, 4)
    guard !bytes.isEmpty else { return out.add([UInt8](repeating: 0, count: 12)) }
    guard heapObjectCount < 1 << 16 - 1 else {
      throw StoreError(.unsupported, "more than 65,535 strings in attributes")
    }
    heapObjectCount += 1
    out.add(heapAddress, 8)
    out.add(heapObjectCount, 4)
    heapObjects.add(heapObjectCount, 2)
    heapObjects.add(1, 2)
    heapObjects.add(0, 4)
    heapObjects.add(bytes.count, 8)
    heapObjects.add(bytes)
    heapObjects.pad(to: (heapObjects.bytes.count + 7) / 8 * 8)
  }

  /// Shape and elements of a value that is an array of numbers, of strings or of Booleans; `nil` for all others.
  private static func flattened(_ value: JSONValue) -> (shape: [Int], leaves: [JSONValue])? {
    func kind(_ value: JSONValue) -> Int? {
      switch value {
      case .int, .double: 0
      case .string: 1
      case .bool: 2
      case .null, .array, .object: nil
      }
    }
    guard let items = value.arrayValue else { return kind(value) == nil ? nil : ([], [value]) }
    var shape: [Int]?
    var leaves: [JSONValue] = []
    for item in items {
      guard let (part, values) = flattened(item), shape == nil || shape == part, part.count < maximumDimensionCount,
        leaves.isEmpty || kind(leaves[0]) == kind(values[0])
      else { return nil }
      shape = part
      leaves += values
    }
    return shape.map { ([items.count] + $0, leaves) }
  }
}
