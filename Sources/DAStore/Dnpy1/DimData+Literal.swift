// Dimension dictionaries to and from Python literals, with the protocol's rules checked key by key.

extension DimData {
  /// Reads a dimension dictionary.
  ///
  /// Versions 0.9.0 and 0.10.0 of the protocol are understood, and what DistArray made of them.
  /// - Parameters:
  ///   - axis: Number of the axis, for error texts.
  ///   - bufferExtent: Extent of the local buffer along this axis: what the empty dictionary stands for.
  /// - Throws: `.corrupt`, naming key, found and expected.
  package init(parsing literal: PythonLiteral, axis: Int, bufferExtent: Int) throws(StoreError) {
    guard case .dict(let entries) = literal else {
      throw StoreError(.corrupt, "dim_data[\(axis)] is of type \(literal.kindName), expected a dict")
    }
    if entries.isEmpty {
      self.init(size: bufferExtent, gridSize: 1, gridRank: 0, distribution: .undistributed)
      return
    }
    let keys = DimDataKeys(entries: entries, literal: literal, axis: axis)
    guard let letter = try keys.required("dist_type").stringValue, let known = Self.keys[letter] else {
      throw keys.error("dist_type", expected: "'b', 'c', 'u' or 'n'")
    }
    try keys.refuseKeys(except: ["dist_type", "size", "proc_grid_size", "proc_grid_rank"] + known, letter)
    let size = try keys.integer("size", atLeast: 0)
    // DistArray leaves the process grid out of undistributed axes.
    let gridSize = try keys.integer("proc_grid_size", atLeast: 1, default: letter == "n" ? 1 : nil)
    let gridRank = try keys.integer("proc_grid_rank", atLeast: 0, default: letter == "n" ? 0 : nil)
    guard gridRank < gridSize else {
      throw keys.error("proc_grid_rank", expected: "an integer less than 'proc_grid_size', \(gridSize)")
    }
    let distribution: Distribution
    switch letter {
    case "n":
      guard gridSize == 1 else { throw keys.error("proc_grid_size", expected: "1 on an undistributed axis") }
      guard try keys.integer("start", atLeast: 0, default: 0) == 0 else {
        throw keys.error("start", expected: "0 on an undistributed axis")
      }
      guard try keys.integer("stop", atLeast: 0, default: size) == size else {
        throw keys.error("stop", expected: "'size', \(size), on an undistributed axis")
      }
      distribution = .undistributed
    case "b": distribution = try Self.block(keys, size: size, gridRank: gridRank)
    case "c": distribution = try Self.cyclic(keys, gridRank: gridRank)
    default: distribution = try Self.unstructured(keys)
    }
    self.init(size: size, gridSize: gridSize, gridRank: gridRank, distribution: distribution)
  }

  /// Keys of each kind beside the common ones.
  private static let keys = [
    "n": ["start", "stop"], "b": ["start", "stop", "padding", "periodic"], "c": ["start", "block_size"],
    "u": ["indices", "one_to_one"],
  ]

  private static func block(_ keys: DimDataKeys, size: Int, gridRank: Int) throws(StoreError) -> Distribution {
    let start = try keys.integer("start", atLeast: 0)
    let stop = try keys.integer("stop", atLeast: 0)
    guard stop >= start else { throw keys.error("stop", expected: "an integer not less than 'start', \(start)") }
    guard stop <= size else { throw keys.error("stop", expected: "an integer not greater than 'size', \(size)") }
    guard gridRank > 0 || start == 0 else { throw keys.error("start", expected: "0 on grid rank 0") }
    var padding = AxisPadding(lower: 0, upper: 0)
    if let literal = keys.literal["padding"] {
      guard case .tuple(let widths) = literal, widths.count == 2, let lower = widths[0].intValue,
        let upper = widths[1].intValue, lower >= 0, upper >= 0, lower <= stop - start, upper <= stop - start
      else {
        throw keys.error(
          "padding", expected: "a tuple of two widths from 0 to \(stop - start), the length of the buffer")
      }
      padding = AxisPadding(lower: lower, upper: upper)
    }
    return .block(held: start..<stop, padding: padding, isPeriodic: try keys.boolean("periodic"))
  }

  private static func cyclic(_ keys: DimDataKeys, gridRank: Int) throws(StoreError) -> Distribution {
    let blockSize = try keys.integer("block_size", atLeast: 1, default: 1)
    let start = try keys.integer("start", atLeast: 0)
    let (expected, overflow) = gridRank.multipliedReportingOverflow(by: blockSize)
    guard !overflow, start == expected else {
      throw keys.error("start", expected: "'proc_grid_rank' times 'block_size', \(gridRank) times \(blockSize)")
    }
    return .cyclic(blockSize: blockSize)
  }

  private static func unstructured(_ keys: DimDataKeys) throws(StoreError) -> Distribution {
    let literal = try keys.required("indices")
    if literal.arrayValue?.isElided == true {
      throw StoreError(
        .corrupt,
        "dim_data[\(keys.axis)]: key 'indices' is abbreviated with '...', as NumPy prints long arrays: the indices "
          + "were never stored and the file cannot be placed; save the array again with another distribution")
    }
    guard let elements = literal.arrayValue?.elements ?? literal.sequenceValue else {
      throw keys.error("indices", expected: "a list or array of integers")
    }
    var indices: [Int] = []
    for element in elements {
      guard let index = element.intValue else {
        throw StoreError(
          .corrupt, "dim_data[\(keys.axis)]: key 'indices' holds \(element.excerpt), expected integers only")
      }
      indices.append(index)
    }
    return .unstructured(indices: indices, isOneToOne: try keys.boolean("one_to_one"))
  }

  /// The dictionary as DistArray 0.2–0.6 prints it: its keys in its order, undistributed axes as one block.
  ///
  /// Index lists become plain lists: what DistArray prints there, `array([...])`, it cannot read back.
  package var literal: PythonLiteral {
    var entries: [PythonLiteral.Entry] = []
    func add(_ key: String, _ value: PythonLiteral) { entries.append(.init(.string(key), value)) }
    add("dist_type", .string(letter == "n" ? "b" : letter))
    add("size", .int(size))
    add("proc_grid_rank", .int(gridRank))
    add("proc_grid_size", .int(gridSize))
    switch distribution {
    case .undistributed:
      add("start", .int(0))
      add("stop", .int(size))
    case .block(let held, let padding, let isPeriodic):
      add("start", .int(held.lowerBound))
      add("stop", .int(held.upperBound))
      if padding.lower != 0 || padding.upper != 0 {
        add("padding", .tuple([.int(padding.lower), .int(padding.upper)]))
      }
      if isPeriodic { add("periodic", .bool(true)) }
    case .cyclic(let blockSize):
      add("start", .int(gridRank.multipliedReportingOverflow(by: blockSize).partialValue))
      if blockSize != 1 { add("block_size", .int(blockSize)) }
    case .unstructured(let indices, let isOneToOne):
      add("indices", .list(indices.map { .int($0) }))
      if isOneToOne { add("one_to_one", .bool(true)) }
    }
    return .dict(entries)
  }
}

/// The keys of one dictionary, with the errors that name them.
private struct DimDataKeys {
  let entries: [PythonLiteral.Entry]
  let literal: PythonLiteral
  let axis: Int

  func required(_ key: String) throws(StoreError) -> PythonLiteral {
    guard let value = literal[key] else {
      throw StoreError(.corrupt, "dim_data[\(axis)]: key '\(key)' is missing")
    }
    return value
  }

  func integer(_ key: String, atLeast minimum: Int, default fallback: Int? = nil) throws(StoreError) -> Int {
    if let fallback, literal[key] == nil { return fallback }
    guard let value = try required(key).intValue, value >= minimum else {
      throw error(key, expected: "an integer of at least \(minimum)")
    }
    return value
  }

  func boolean(_ key: String) throws(StoreError) -> Bool {
    guard let value = literal[key] else { return false }
    guard let flag = value.boolValue else { throw error(key, expected: "True or False") }
    return flag
  }

  /// A key that is not the protocol's may be a damaged one that matters.
  func refuseKeys(except known: [String], _ letter: String) throws(StoreError) {
    for entry in entries {
      if let key = entry.key.stringValue, known.contains(key) { continue }
      throw StoreError(
        .corrupt,
        "dim_data[\(axis)]: key \(entry.key.excerpt) does not belong to dist_type '\(letter)', expected "
          + known.map { "'\($0)'" }.joined(separator: ", "))
    }
  }

  func error(_ key: String, expected: String) -> StoreError {
    let found = literal[key]?.excerpt ?? "nothing"
    return StoreError(.corrupt, "dim_data[\(axis)]: key '\(key)' is \(found), expected \(expected)")
  }
}

extension PythonLiteral {
  /// The value's text, shortened for one line of an error.
  fileprivate var excerpt: String {
    let text = repr()
    return text.count > 60 ? text.prefix(57) + "..." : text
  }
}
