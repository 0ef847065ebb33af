// The Distributed Array Protocol 0.10.0: one process's part of a distributed array, as libraries hand it to each other.

import DAStore

/// What one process says about its part of a distributed array: the protocol's version, the buffer, and one dimension
/// dictionary per axis.
///
/// Every value obeys the protocol's rules: they are checked when it is made. Rules that need all processes, that parts
/// neither overlap nor leave holes, are checked by ``Distribution/init(dimDataPerRank:targets:)``.
///
/// Source: Formats/distributed-array-protocol.md.
public struct ProtocolArray {
  /// The version that is exported. 0.9 is understood too.
  public static let version = "0.10.0"

  public let version: String
  /// Shared with whoever lent it: nothing is copied in either direction.
  public let buffer: ProtocolBuffer
  public let dimData: [DimData]

  /// Exports the local buffer of a rank.
  ///
  /// - Throws: `.invalidArgument` for a rank that is no target, or a buffer of another shape than the distribution
  ///   gives the rank.
  public init(exporting buffer: ProtocolBuffer, of distribution: Distribution, rank: Int) throws(StoreError) {
    guard let dimData = distribution.dimData(ofRank: rank) else {
      throw StoreError(
        .invalidArgument, "rank \(rank) holds no part of the array; its targets are \(listText(distribution.targets))")
    }
    try self.init(version: Self.version, buffer: buffer, dimData: dimData)
  }

  /// Takes the parts of the structure as values.
  ///
  /// - Throws: `.unsupported` for another version of the protocol; `.invalidArgument` when a rule is broken, naming
  ///   axis, key, found and expected.
  public init(version: String, buffer: ProtocolBuffer, dimData: [DimData]) throws(StoreError) {
    self.version = try checkedProtocolVersion(.string(version), code: .invalidArgument)
    guard dimData.count == buffer.shape.count else {
      throw StoreError(
        .invalidArgument,
        "dim_data has \(dimData.count) entries, the buffer \(shapeText(buffer.shape)) has \(buffer.shape.count) axes")
    }
    for (axis, data) in dimData.enumerated() { try data.check(axis: axis, bufferExtent: buffer.shape[axis]) }
    self.buffer = buffer
    self.dimData = dimData
  }

  /// Imports a structure whose dictionaries are given as text, as Python prints them:
  /// `{'__version__': '0.10.0', 'dim_data': ({'dist_type': 'b', …},)}`.
  ///
  /// - Parameter buffer: The structure's buffer, which no text can hold.
  /// - Throws: `.unsupported` for another version of the protocol; `.invalidArgument` for anything else that is
  ///   missing or breaks a rule.
  public init(importing text: String, buffer: ProtocolBuffer?) throws(StoreError) {
    let literal: PythonLiteral
    do throws(StoreError) {
      literal = try PythonLiteral(parsing: Array(text.utf8))
    } catch {
      throw StoreError(.invalidArgument, "distributed array: \(error.message)")
    }
    let keys = try DimDataKeys(literal, name: "distributed array", code: .invalidArgument)
    if literal["buffer"] != nil { throw keys.error("buffer", expected: "memory, given beside the text") }
    guard let buffer else { throw StoreError(.invalidArgument, "distributed array: key 'buffer' is missing") }
    let version = try checkedProtocolVersion(try keys.required("__version__"), code: .invalidArgument)
    guard let dictionaries = try keys.required("dim_data").tupleValue else {
      throw keys.error("dim_data", expected: "a tuple of dicts")
    }
    var dimData: [DimData] = []
    for (axis, dictionary) in dictionaries.enumerated() {
      dimData.append(
        try DimData(
          parsing: dictionary, axis: axis, bufferExtent: axis < buffer.shape.count ? buffer.shape[axis] : 0,
          code: .invalidArgument))
    }
    try self.init(version: version, buffer: buffer, dimData: dimData)
  }

  /// The structure without its buffer, as Python prints it.
  public var text: String {
    PythonLiteral.dict([
      .init(.string("__version__"), .string(version)), .init(.string("dim_data"), .tuple(dimData.map(\.literal))),
    ]).repr()
  }
}

extension DimData {
  /// Elements of the buffer along this axis that the process owns, without copies of its neighbours' elements.
  public var ownedCount: Int {
    switch distribution {
    case .undistributed: size
    case .block(let held, let padding, _):
      held.count - (gridRank == 0 ? 0 : padding.lower) - (gridRank == gridSize - 1 ? 0 : padding.upper)
    case .cyclic(let blockSize): cyclicCount(blockSize: blockSize)
    case .unstructured(let indices, _): indices.count
    }
  }

  /// Extent of the buffer along this axis.
  public var localCount: Int {
    if case .block(let held, _, _) = distribution { held.count } else { ownedCount }
  }

  /// Of the blocks of an axis every `gridSize`-th is this process's; only the last block may be shorter.
  private func cyclicCount(blockSize: Int) -> Int {
    guard size > 0, blockSize > 0, gridSize > 0, gridRank >= 0 else { return 0 }
    let last = (size - 1) / blockSize
    guard gridRank <= last else { return 0 }
    let before = (last - gridRank) / gridSize
    return last % gridSize == gridRank ? before * blockSize + size - last * blockSize : (before + 1) * blockSize
  }

  /// Checks the protocol's rules for one process, by the same code that checks dictionaries in files.
  ///
  /// - Throws: `.invalidArgument`, naming key, found and expected.
  func checkRules(axis: Int) throws(StoreError) {
    var data = self
    // No rule concerns single indices; long lists need not become literals.
    if case .unstructured(_, let isOneToOne) = distribution {
      data.distribution = .unstructured(indices: [], isOneToOne: isOneToOne)
    }
    _ = try DimData(parsing: data.literal, axis: axis, bufferExtent: 0, code: .invalidArgument)
    if distribution == .undistributed && gridSize != 1 {
      throw StoreError(
        .invalidArgument, "dim_data[\(axis)]: key 'proc_grid_size' is \(gridSize), expected 1 on an undistributed axis")
    }
  }

  fileprivate func check(axis: Int, bufferExtent: Int) throws(StoreError) {
    try checkRules(axis: axis)
    guard localCount == bufferExtent else {
      throw StoreError(
        .invalidArgument,
        "dim_data[\(axis)] describes \(localCount) elements, the buffer has \(bufferExtent) along this axis")
    }
  }
}
