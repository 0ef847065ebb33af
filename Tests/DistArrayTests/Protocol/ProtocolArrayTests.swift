// The Distributed Array Protocol 0.10.0: what is exported, imported and refused, in Swift and from C.

import CDistributedArray
import CPeer
import DAStore
import DATestSupport
import DistArray
import Testing

/// Memory of a local array, with its bytes numbered.
private final class LocalMemory {
  let bytes: UnsafeMutableRawBufferPointer
  private let whenFreed: () -> Void

  init(byteCount: Int, whenFreed: @escaping () -> Void = {}) {
    bytes = .allocate(byteCount: max(1, byteCount), alignment: 64)
    for offset in bytes.indices { bytes[offset] = UInt8(truncatingIfNeeded: offset) }
    self.whenFreed = whenFreed
  }

  deinit {
    bytes.deallocate()
    whenFreed()
  }

  func buffer(_ dtype: DType, _ shape: [Int], isReadOnly: Bool = false) throws -> ProtocolBuffer {
    try ProtocolBuffer(start: bytes.baseAddress, dtype: dtype, shape: shape, isReadOnly: isReadOnly, keeping: self)
  }
}

private func exported(_ distribution: Distribution, rank: Int, _ dtype: DType = .float64) throws -> ProtocolArray {
  let shape = try #require(distribution.localShape(ofRank: rank))
  let memory = LocalMemory(byteCount: shape.reduce(dtype.byteCount, *))
  return try ProtocolArray(exporting: try memory.buffer(dtype, shape), of: distribution, rank: rank)
}

@Suite struct ProtocolArrayTests {
  static let exports: [(shape: [Int], letters: String, grid: [Int], dtype: DType)] = [
    ([16, 16], "b", [4, 1], .float64), ([16, 16], "b", [4, 1], .uint8), ([16, 16], "b", [4, 1], .complex128),
    ([16, 16], "bn", [4, 1], .float64), ([16, 16], "nb", [1, 4], .float64), ([16, 16], "bb", [2, 2], .float64),
    ([53, 77, 99], "bbb", [2, 2, 3], .uint8), ([16, 16], "c", [4, 1], .float64), ([16, 16], "cb", [2, 2], .float64),
    ([16, 16, 16], "bnc", [2, 1, 2], .float32), ([50], "b0:20:50", [2], .float64),
    ([7, 5], "u6:0:2/1:3:4:5,c2", [2, 2], .int16),
    ([2], "b", [4], .float64), ([], "", [], .float64), ([0, 3], "cb", [2, 2], .bool),
  ]

  @Test(arguments: exports.indices) func exportsAreValidAndShareMemory(_ number: Int) throws {
    let (shape, letters, grid, dtype) = Self.exports[number]
    let whole = try distribution(shape, letters, grid: grid, ranks: grid.reduce(1, *))
    var dimData: [[DimData]] = []
    for rank in whole.ranks {
      let array = try exported(whole, rank: rank, dtype)
      #expect(array.version == "0.10.0")
      // Through text and back.
      let again = try ProtocolArray(importing: array.text, buffer: array.buffer)
      #expect(again.buffer.start == array.buffer.start)
      #expect(again.buffer.dtype == dtype)
      // Through C and back.
      var structure = distributed_array()
      array.export(to: &structure)
      #expect(structure.buffer == array.buffer.start)
      let fromC = try ProtocolArray(importing: &structure)
      #expect(fromC.text == array.text)
      #expect(fromC.buffer.start == array.buffer.start)
      #expect(fromC.buffer.shape == array.buffer.shape)
      #expect(fromC.buffer.strides == array.buffer.strides)
      #expect(fromC.buffer.dtype == dtype)
      #expect(array.dimData.map(\.localCount) == whole.localShape(ofRank: rank))
      #expect(array.dimData.reduce(1) { $0 * $1.ownedCount } == whole.ownedCount(ofRank: rank))
      dimData.append(fromC.dimData)
    }
    let joined = try Distribution(dimDataPerRank: dimData)
    #expect(joined.shape == whole.shape)
    #expect(joined.gridShape == whole.gridShape)
    // An undistributed axis is exported as one block, since 0.10.0 has no letter for it.
    #expect(joined.isCompatible(with: whole))
  }

  @Test(arguments: [
    "({'dist_type': 'b', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 0, 'start': 0, 'stop': 6},)",
    "({'dist_type': 'c', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 1, 'start': 1},)",
    "({'dist_type': 'c', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 1, 'start': 2, 'block_size': 2},)",
    "({'dist_type': 'u', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 1, 'indices': array([9, 1, 3, 8, 2, 11])},)",
    "({},)",
    "({'dist_type': 'b', 'size': 6, 'proc_grid_size': 1, 'proc_grid_rank': 0, 'start': 0, 'stop': 6, 'padding': (2, 2), "
      + "'periodic': True},)",
    "({'dist_type': 'n', 'size': 6},)",
  ]) func validDictionariesAreTaken(dimData: String) throws {
    let buffer = try LocalMemory(byteCount: 48).buffer(.float64, [6])
    for version in ["0.10.0", "0.9.0"] {
      let array = try ProtocolArray(importing: "{'__version__': '\(version)', 'dim_data': \(dimData)}", buffer: buffer)
      #expect(array.dimData.map(\.localCount) == [6])
      #expect(array.version == version)
    }
  }

  @Test func emptyProcessesAndTooManyOfThemAreValid() throws {
    let buffer = try ProtocolBuffer(start: nil, dtype: .float64, shape: [0], keeping: nil)
    let dictionary = "{'dist_type': 'b', 'size': 2, 'proc_grid_size': 4, 'proc_grid_rank': 3, 'start': 2, 'stop': 2}"
    let array = try ProtocolArray(importing: "{'__version__': '0.10.0', 'dim_data': (\(dictionary),)}", buffer: buffer)
    #expect(array.dimData[0].ownedCount == 0)
    #expect(array.buffer.withContiguousBytes(\.count) == 0)
  }

  /// One axis of block kind, with what is broken about it.
  private static func block(_ changes: [String: String] = [:]) -> String {
    var keys = [
      "dist_type": "'b'", "size": "50", "proc_grid_size": "2", "proc_grid_rank": "0", "start": "0", "stop": "6",
    ]
    keys.merge(changes) { _, new in new }
    return "({" + keys.sorted { $0.key < $1.key }.map { "'\($0.key)': \($0.value)" }.joined(separator: ", ") + "},)"
  }

  @Test(arguments: [
    ("{'dim_data': \(block())}", "key '__version__' is missing"),
    ("{'__version__': '0.10.0'}", "key 'dim_data' is missing"),
    ("{'__version__': '0.10.0', 'dim_data': \(block()), 'buffer': [1, 2]}", "key 'buffer' is [1, 2], expected memory"),
    ("{'__version__': 'v1.0.0alpha', 'dim_data': \(block())}", "'__version__' is v1.0.0alpha"),
    ("{'__version__': '1.0.0', 'dim_data': \(block())}", "unsupported: version 1.0.0"),
    ("{'__version__': 10, 'dim_data': \(block())}", "'__version__' is 10"),
    ("{'__version__': '0.10.0', 'dim_data': 3}", "expected a tuple of dicts"),
    ("{'__version__': '0.10.0', 'dim_data': ()}", "dim_data has 0 entries, the buffer (6,) has 1 axes"),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["dist_type": "'q'"]))}", "expected 'b', 'c', 'u' or 'n'"),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["stop": "51"]))}", "not greater than 'size', 50"),
    (
      "{'__version__': '0.10.0', 'dim_data': \(block(["proc_grid_rank": "1", "start": "7"]))}",
      "not less than 'start', 7"
    ),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["start": "-1"]))}", "'start' is -1"),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["padding": "('a', 'b')"]))}", "expected a tuple of two widths"),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["proc_grid_rank": "2"]))}", "less than 'proc_grid_size', 2"),
    ("{'__version__': '0.10.0', 'dim_data': \(block(["stop": "5"]))}", "describes 5 elements, the buffer has 6"),
    (
      "{'__version__': '0.10.0', 'dim_data': ({'dist_type': 'c', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 0, "
        + "'start': 0, 'block_size': -10},)}", "'block_size' is -10"
    ),
    (
      "{'__version__': '0.10.0', 'dim_data': ({'dist_type': 'u', 'size': 12, 'proc_grid_size': 2, 'proc_grid_rank': 0, "
        + "'indices': 'all'},)}", "expected a list or array of integers"
    ),
    ("[]", "is of type list, expected a dict"), ("{", "distributed array: "),
  ]) func brokenStructuresAreRefused(text: String, says: String) throws {
    let buffer = try LocalMemory(byteCount: 48).buffer(.float64, [6])
    let message = refusal { _ = try ProtocolArray(importing: text, buffer: buffer) }
    #expect(message.contains(says), "\(message)")
  }

  @Test func missingAndUnfitBuffersAreRefused() throws {
    let text = "{'__version__': '0.10.0', 'dim_data': \(Self.block())}"
    #expect(refusal { _ = try ProtocolArray(importing: text, buffer: nil) }.contains("key 'buffer' is missing"))
    #expect(
      refusal { _ = try ProtocolBuffer(start: nil, dtype: .int8, shape: [3], keeping: nil) }.contains("no address"))
    let memory = LocalMemory(byteCount: 48)
    #expect(
      refusal {
        _ = try ProtocolBuffer(
          start: memory.bytes.baseAddress, dtype: .int8, shape: [3], strides: [1, 1], keeping: memory)
      }.contains("2 strides for the 1 axes"))
    let whole = try distribution([12], "b", ranks: 2)
    let unfit = try memory.buffer(.float64, [5])
    #expect(
      refusal { _ = try ProtocolArray(exporting: unfit, of: whole, rank: 0) }.contains(
        "describes 6 elements, the buffer has 5"))
    #expect(refusal { _ = try ProtocolArray(exporting: unfit, of: whole, rank: 2) }.contains("rank 2 holds no part"))
    let wrong = DimData(size: 6, gridSize: 2, gridRank: 0, distribution: .undistributed)
    #expect(
      refusal { _ = try ProtocolArray(version: "0.10.0", buffer: memory.buffer(.float64, [6]), dimData: [wrong]) }
        .contains("expected 1 on an undistributed axis"))
  }

  @Test func ownedElementsOfPaddedAndCyclicAxes() {
    func block(_ gridRank: Int, of gridSize: Int, held: Range<Int>, _ padding: (Int, Int)) -> Int {
      DimData(
        size: 100, gridSize: gridSize, gridRank: gridRank,
        distribution: .block(held: held, padding: .init(lower: padding.0, upper: padding.1), isPeriodic: false)
      ).ownedCount
    }
    #expect(block(0, of: 4, held: 0..<10, (0, 0)) == 10)
    #expect(block(0, of: 4, held: 0..<20, (3, 4)) == 16)
    #expect(block(3, of: 4, held: 80..<100, (3, 4)) == 17)
    #expect(block(1, of: 4, held: 20..<40, (3, 4)) == 13)
    #expect(block(0, of: 1, held: 0..<100, (3, 4)) == 100)
    func cyclic(_ gridRank: Int, _ blockSize: Int) -> Int {
      DimData(size: 9, gridSize: 4, gridRank: gridRank, distribution: .cyclic(blockSize: blockSize)).ownedCount
    }
    #expect((0..<4).map { cyclic($0, 1) } == [3, 2, 2, 2])
    #expect(cyclic(0, 2) == 3)
    #expect(cyclic(3, 5) == 0)
    for size in 0...12 {
      for ranks in 1...5 {
        for blockSize in 1...4 {
          let counts = (0..<ranks).map {
            DimData(size: size, gridSize: ranks, gridRank: $0, distribution: .cyclic(blockSize: blockSize)).ownedCount
          }
          let map = try? AxisMap.cyclic(size: size, rankCount: ranks, blockSize: blockSize)
          #expect(counts == (0..<ranks).map { map?.ownedCount(of: $0) })
        }
      }
    }
  }
}

/// One after the other: they count what the peer has not got back.
@Suite(.serialized) struct ProtocolInCTests {
  @Test func cReadsAndWritesOurMemory() throws {
    var isFreed = false
    var structure = distributed_array()
    do {
      let whole = try distribution([6, 4], "c2,u3:0/1:2", grid: [2, 2], ranks: 4)
      let shape = try #require(whole.localShape(ofRank: 1))
      let memory = LocalMemory(byteCount: 64) { isFreed = true }
      #expect(shape == [4, 2])
      for element in 0..<8 { memory.bytes.storeBytes(of: Double(element), toByteOffset: element * 8, as: Double.self) }
      try ProtocolArray(exporting: memory.buffer(.float64, shape), of: whole, rank: 1).export(to: &structure)
      #expect(peer_sum(&structure) == 28)
      let indices = allIndices(shape).compactMap { whole.globalIndex(ofLocal: $0, rank: 1) }
      #expect(peer_sum_of_global_indices(&structure) == Int64(indices.reduce(0) { $0 + $1[0] * 4 + $1[1] }))
      #expect(peer_add(&structure, 0.5) == 1)
      #expect(memory.bytes.load(fromByteOffset: 56, as: Double.self) == 7.5)
    }
    // Only the consumer keeps the memory now.
    #expect(!isFreed)
    #expect(peer_sum(&structure) == 32)
    peer_release(&structure)
    #expect(isFreed)
    #expect(structure.release == nil)
    peer_release(&structure)
  }

  @Test func readOnlyBuffersStayReadOnly() throws {
    let array = try ProtocolArray(
      exporting: LocalMemory(byteCount: 24).buffer(.float64, [3], isReadOnly: true),
      of: distribution([3], "n", ranks: 1), rank: 0)
    var structure = distributed_array()
    array.export(to: &structure)
    #expect(peer_add(&structure, 1) == 0)
    #expect(try ProtocolArray(importing: &structure).buffer.isReadOnly)
  }

  @Test func arraysOfCAreTakenOverAndGivenBack() throws {
    do {
      var structure = distributed_array()
      peer_produce(&structure)
      #expect(peer_live_count() == 1)
      let address = structure.buffer
      let array = try ProtocolArray(importing: &structure)
      #expect(structure.release == nil)
      #expect(array.buffer.start == address)
      #expect(array.buffer.shape == [3, 2])
      #expect(array.buffer.strides == [8, 24])
      #expect(array.buffer.withContiguousBytes(\.count) == nil)
      #expect(array.buffer.start?.load(fromByteOffset: 8 + 24, as: Double.self) == 40)
      #expect(array.dimData[1].distribution == .unstructured(indices: [2, 0], isOneToOne: false))
      // Handed on, it is still the same memory, and goes back once.
      var second = distributed_array()
      array.export(to: &second)
      #expect(second.buffer == address)
      #expect(peer_sum(&second) == peer_sum(&second))
      peer_release(&second)
      #expect(peer_live_count() == 1)
    }
    #expect(peer_live_count() == 0)
  }

  @Test(arguments: 0..<15) func brokenStructuresOfCAreRefusedAndGivenBack(_ number: Int) throws {
    typealias Change = (inout distributed_array, UnsafeMutablePointer<distributed_array_dim>) -> Void
    let changes: [(says: String, change: Change)] = [
      ("'version' is NULL", { array, _ in array.version = nil }),
      ("'dtype' is NULL", { array, _ in array.dtype = nil }),
      ("'ndim' is -1", { array, _ in array.ndim = -1 }), ("'ndim' is 33", { array, _ in array.ndim = 33 }),
      ("NULL for 2 axes", { array, _ in array.shape = nil }), ("NULL for 2 axes", { array, _ in array.dim_data = nil }),
      ("expected 'b', 'c', 'u' or 'n'", { _, dims in dims[0].dist_type = 113 }),
      ("not greater than 'size', 6", { _, dims in dims[0].stop = 7 }),
      ("describes 2 elements, the buffer has 3", { _, dims in dims[0].stop = 5 }),
      ("'periodic' is 2", { _, dims in dims[0].periodic = 2 }),
      ("expected a tuple of two widths", { _, dims in dims[0].padding.1 = -1 }),
      ("'index_count' is -1", { _, dims in dims[1].index_count = -1 }),
      ("'indices' NULL", { _, dims in dims[1].indices = nil }),
      ("'proc_grid_rank' is 9", { _, dims in dims[1].proc_grid_rank = 9 }),
      ("describes 1 elements, the buffer has 2", { _, dims in dims[1].index_count = 1 }),
    ]
    let before = peer_live_count()
    var structure = distributed_array()
    peer_produce(&structure)
    let memory = structure.buffer
    let dims = UnsafeMutablePointer<distributed_array_dim>.allocate(capacity: 2)
    defer { dims.deallocate() }
    dims.initialize(from: structure.dim_data, count: 2)
    structure.dim_data = UnsafePointer(dims)
    changes[number].change(&structure, dims)
    let message = refusal { _ = try ProtocolArray(importing: &structure) }
    #expect(message.contains(changes[number].says), "\(message)")
    #expect(memory != nil)
    #expect(peer_live_count() == before)
  }

  @Test(arguments: [(">f8", "big-endian"), ("S7", "'S7' are not supported"), ("O", "'O' are not supported")])
  func foreignElementsOfCAreRefused(dtype: String, says: String) throws {
    dtype.withCString { text in
      var structure = distributed_array()
      peer_produce(&structure)
      structure.dtype = text
      let message = refusal { _ = try ProtocolArray(importing: &structure) }
      #expect(message.contains(says), "\(message)")
      #expect(message.hasPrefix("unsupportedDType"))
    }
  }
}
