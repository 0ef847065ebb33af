// Distributions to and from global dimension dictionaries: what all ranks share about each axis, and the text for that.

import DAStore

extension Distribution {
  /// Reads global dimension dictionaries, as DistArray's `Distribution` takes them: a tuple of dicts, one per axis.
  ///
  /// | `dist_type` | keys |
  /// |---|---|
  /// | `'n'` | `size` |
  /// | `'b'` | `size` and `proc_grid_size`, or `bounds`; `comm_padding`, `boundary_padding`, `periodic`, or `padding` per rank |
  /// | `'c'` | `size`, `proc_grid_size`, `block_size` (1) |
  /// | `'u'` | `indices`, a list of lists, one per grid rank |
  ///
  /// Where `size` and `proc_grid_size` follow from other keys they may be given and must agree.
  /// - Parameters:
  ///   - text: A Python literal of at most a mebibyte, for instance `({'dist_type': 'b', 'bounds': [0, 20, 42]},)`.
  ///   - ranks: The rank at each place; without it, places have their own numbers.
  /// - Throws: `.invalidArgument` with the key, what was found and what was expected.
  public init(globalDimData text: String, ranks: [Int]? = nil) throws(StoreError) {
    let literal: PythonLiteral
    do throws(StoreError) {
      literal = try PythonLiteral(parsing: Array(text.utf8))
    } catch {
      throw StoreError(.invalidArgument, "global dim_data: \(error.message)")
    }
    try self.init(globalDimData: literal, ranks: ranks)
  }

  private init(globalDimData literal: PythonLiteral, ranks: [Int]?) throws(StoreError) {
    guard let dictionaries = literal.sequenceValue else {
      throw StoreError(
        .invalidArgument, "global dim_data is of type \(literal.kindName), expected a tuple of dicts")
    }
    guard dictionaries.count <= maximumDimensionCount else {
      throw StoreError(.invalidArgument, "\(dictionaries.count) axes; at most \(maximumDimensionCount) are supported")
    }
    var axes: [AxisMap] = []
    for (axis, dictionary) in dictionaries.enumerated() {
      axes.append(try AxisMap(globalDimData: dictionary, axis: axis))
    }
    let count = try Self.checkedPlaceCount(axes.map(\.rankCount))
    try self.init(axes: axes, ranks: ranks ?? Array(0..<count))
  }

  /// The distribution as a Python literal that ``init(parsing:)`` reads: `{'dim_data': (…), 'ranks': [0, 1]}`, with
  /// global dimension dictionaries.
  public var text: String {
    PythonLiteral.dict([
      .init(.string("dim_data"), .tuple(axes.map(\.globalDimData))),
      .init(.string("ranks"), .list(ranks.map { .int($0) })),
    ]).repr()
  }

  /// Reads what ``text`` writes.
  ///
  /// - Throws: `.invalidArgument`, as ``init(globalDimData:ranks:)``.
  public init(parsing text: String) throws(StoreError) {
    let keys: DimDataKeys
    do throws(StoreError) {
      keys = try DimDataKeys(
        try PythonLiteral(parsing: Array(text.utf8)), name: "a distribution", code: .invalidArgument)
    } catch {
      throw StoreError(.invalidArgument, error.message)
    }
    try self.init(
      globalDimData: try keys.required("dim_data"), ranks: try keys.indices(try keys.required("ranks"), of: "ranks"))
  }
}

extension Distribution: Codable {
  /// Decodes what ``text`` writes, from a single string.
  public init(from decoder: any Decoder) throws {
    try self.init(parsing: try decoder.singleValueContainer().decode(String.self))
  }

  /// Encodes ``text``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension AxisMap {
  fileprivate var globalDimData: PythonLiteral {
    var entries: [PythonLiteral.Entry] = []
    func add(_ key: String, _ value: PythonLiteral) { entries.append(.init(.string(key), value)) }
    switch kind {
    case .undistributed:
      add("dist_type", .string("n"))
      add("size", .int(size))
    case .block(let bounds):
      add("dist_type", .string("b"))
      add("bounds", .list(bounds.map { .int($0) }))
      if !padding.isEmpty { add("padding", .list(padding.map { .tuple([.int($0.lower), .int($0.upper)]) })) }
      if isPeriodic { add("periodic", .bool(true)) }
    case .cyclic(let blockSize):
      add("dist_type", .string("c"))
      add("size", .int(size))
      add("proc_grid_size", .int(rankCount))
      if blockSize != 1 { add("block_size", .int(blockSize)) }
    case .unstructured(let indices):
      add("dist_type", .string("u"))
      add("indices", .list(indices.map { .list($0.map { .int($0) }) }))
    }
    return .dict(entries)
  }

  fileprivate init(globalDimData literal: PythonLiteral, axis: Int) throws(StoreError) {
    let name = "global dim_data[\(axis)]"
    let keys = try DimDataKeys(literal, name: name, code: .invalidArgument)
    let map: AxisMap
    do throws(StoreError) {
      let common = ["dist_type", "size", "proc_grid_size"]
      switch try keys.required("dist_type").stringValue {
      case "n":
        try keys.refuseKeys(except: common, "n")
        map = try .undistributed(size: try keys.integer("size", atLeast: 0))
      case "b":
        try keys.refuseKeys(
          except: common + ["bounds", "padding", "comm_padding", "boundary_padding", "periodic"], "b")
        map = try Self.blocks(keys)
      case "c":
        try keys.refuseKeys(except: common + ["block_size"], "c")
        map = try .cyclic(
          size: try keys.integer("size", atLeast: 0), rankCount: try keys.gridSize(),
          blockSize: try keys.integer("block_size", atLeast: 1, default: 1))
      case "u":
        try keys.refuseKeys(except: common + ["indices", "one_to_one"], "u")
        var lists: [[Int]] = []
        for list in try keys.required("indices").sequenceValue ?? [] {
          lists.append(try keys.indices(list, of: "indices"))
        }
        map = try .unstructured(size: lists.reduce(0) { $0 + $1.count }, indices: lists)
      default: throw keys.error("dist_type", expected: "'b', 'c', 'u' or 'n'")
      }
    } catch {
      throw StoreError(
        error.code, error.message.hasPrefix(name) ? error.message : "\(name): \(error.message)")
    }
    guard try keys.integer("size", atLeast: 0, default: map.size) == map.size else {
      throw keys.error("size", expected: "\(map.size), as the other keys say")
    }
    guard try keys.integer("proc_grid_size", atLeast: 1, default: map.rankCount) == map.rankCount else {
      throw keys.error("proc_grid_size", expected: "\(map.rankCount), as the other keys say")
    }
    self = map
  }

  private static func blocks(_ keys: DimDataKeys) throws(StoreError) -> AxisMap {
    let bounds: [Int]
    if let literal = keys.literal["bounds"] {
      bounds = try keys.indices(literal, of: "bounds")
    } else {
      let map = try AxisMap.block(size: try keys.integer("size", atLeast: 0), rankCount: try keys.gridSize())
      guard case .block(let equal) = map.kind else { return map }
      bounds = equal
    }
    let rankCount = max(1, bounds.count - 1)
    var padding: [AxisPadding] = []
    if let literal = keys.literal["padding"] {
      for entry in literal.sequenceValue ?? [] {
        let widths = try keys.indices(entry, of: "padding")
        guard widths.count == 2 else { throw keys.error("padding", expected: "a list of pairs of widths") }
        padding.append(AxisPadding(lower: widths[0], upper: widths[1]))
      }
      guard padding.count == rankCount else { throw keys.error("padding", expected: "\(rankCount) pairs of widths") }
    } else {
      let inner = try keys.integer("comm_padding", atLeast: 0, default: 0)
      let outer = try keys.integer("boundary_padding", atLeast: 0, default: 0)
      padding = (0..<rankCount).map { rank in
        AxisPadding(lower: rank == 0 ? outer : inner, upper: rank == rankCount - 1 ? outer : inner)
      }
    }
    return try .block(bounds: bounds, padding: padding, isPeriodic: try keys.boolean("periodic"))
  }
}

extension DimDataKeys {
  /// `proc_grid_size`, small enough that a grid of it may be allocated.
  fileprivate func gridSize() throws(StoreError) -> Int {
    let size = try integer("proc_grid_size", atLeast: 1)
    guard size <= Distribution.maximumRankCount else {
      throw error("proc_grid_size", expected: "at most \(Distribution.maximumRankCount)")
    }
    return size
  }
}
