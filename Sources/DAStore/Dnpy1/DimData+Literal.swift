// Dimension dictionaries to and from Python literals, with the protocol's rules checked key by key.

extension DimData {
  /// Reads a dimension dictionary.
  ///
  /// Versions 0.9.0 and 0.10.0 of the protocol are understood, and what DistArray made of them.
  /// - Parameters:
  ///   - axis: Number of the axis, for error texts.
  ///   - bufferExtent: Extent of the local buffer along this axis: what the empty dictionary stands for.
  ///   - code: Kind of the errors: `.corrupt` for files, `.invalidArgument` for what a caller gives.
  /// - Throws: `code`, naming key, found and expected.
  package init(
    parsing literal: PythonLiteral, axis: Int, bufferExtent: Int, code: StoreError.Code = .corrupt
  ) throws(StoreError) {
    let keys = try DimDataKeys(literal, name: "dim_data[\(axis)]", code: code)
    if keys.entries.isEmpty {
      self.init(size: bufferExtent, gridSize: 1, gridRank: 0, distribution: .undistributed)
      return
    }
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
    .unstructured(
      indices: try keys.indices(try keys.required("indices"), of: "indices"), isOneToOne: try keys.boolean("one_to_one")
    )
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
