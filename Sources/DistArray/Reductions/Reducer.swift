// One rank's share of a reduction: takes chunks in the order of the work list, keeps the few nodes that wait.

import DAStore

/// Adds the chunks of some units, in order.
///
/// Knows neither files nor message passing: whoever drives it hands in each chunk's bytes.
struct Reducer {
  let geometry: ReductionGeometry
  let dtype: DType
  let fields: PartialFields
  let units: Range<Int>
  let work: WorkList
  private let pool: BufferPool
  private var entry: Int
  private var open: (node: TreeNode, layout: PartialLayout)?
  private var tree: ReductionTree?
  /// Groups whose every unit was in this share, in order.
  private(set) var finished: [(group: Int, values: GroupValues)] = []
  /// Groups of which other ranks have units too; at most two.
  private var shared: [(group: Int, tree: ReductionTree)] = []
  private let finisher: Finisher

  var sharedGroups: [Int] { shared.map(\.group) }

  init(geometry: ReductionGeometry, dtype: DType, request: ReductionRequest, units: Range<Int>, pool: BufferPool) {
    self.geometry = geometry
    self.dtype = dtype
    fields = request.fields
    self.units = units
    self.pool = pool
    work = geometry.chunks(ofUnits: units)
    entry = work.startIndex
    finisher = Finisher(request: request, dtype: dtype, geometry: geometry)
  }

  /// Partial results of a group.
  func layout(ofGroup group: Int) -> PartialLayout {
    PartialLayout(dtype: dtype, fields: fields, width: geometry.outputRegion(ofGroup: group).elementCount)
  }

  /// Adds the next chunk of the work list.
  ///
  /// - Parameter bytes: The chunk's elements: dense, C order, aligned for their type.
  /// - Throws: `.memory`; `.internalFault` when chunks come in another order.
  mutating func add(chunk number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard entry < work.endIndex, work[entry] == number,
      bytes.count == geometry.grid.elementCount(of: number) * dtype.byteCount
    else { throw StoreError(.internalFault, "chunk \(number) of \(bytes.count) bytes is not the next to be reduced") }
    let (group, ordinal) = entry.quotientAndRemainder(dividingBy: geometry.chunksPerGroup)
    if open == nil {
      let layout = layout(ofGroup: group)
      let memory = try pool.lease(byteCount: layout.byteCount)
      open = (TreeNode(level: 0, index: ordinal / geometry.chunksPerUnit, count: 0, memory: memory), layout)
    }
    if let (held, layout) = open {
      var node = held
      let walk = ChunkWalk(geometry: geometry, chunk: number, elementByteCount: dtype.byteCount)
      layout.add(bytes, walk: walk, prior: node.count, to: node.memory.bytes)
      let region = geometry.grid.region(of: number)
      node.count += geometry.reducedAxes.reduce(1) { $0 * (region.upper[$1] - region.lower[$1]) }
      open = (node, layout)
    }
    entry += 1
    let isLastOfGroup = ordinal + 1 == geometry.chunksPerGroup
    if isLastOfGroup || (ordinal + 1) % geometry.chunksPerUnit == 0 { closeUnit() }
    if isLastOfGroup || entry == work.endIndex { closeGroup(group) }
  }

  private mutating func closeUnit() {
    guard let (node, layout) = open else { return }
    open = nil
    var tree = self.tree ?? ReductionTree(layout: layout)
    self.tree = nil
    tree.push(node)
    self.tree = tree
  }

  private mutating func closeGroup(_ group: Int) {
    guard var tree = tree else { return }
    self.tree = nil
    let all = geometry.units(ofGroup: group)
    if units.lowerBound <= all.lowerBound && all.upperBound <= units.upperBound {
      if let node = tree.finish() { finished.append((group, finisher.values(of: node, layout: tree.layout))) }
    } else {
      shared.append((group, tree))
    }
  }

  /// Takes a node of a group that another rank sent; nodes arrive in the order of their units.
  mutating func take(group: Int, node: TreeNode) {
    guard let place = shared.firstIndex(where: { $0.group == group }) else { return }
    shared[place].tree.push(node)
  }

  /// Ends a shared group, all of whose nodes are here.
  mutating func finishShared(group: Int) {
    guard let place = shared.firstIndex(where: { $0.group == group }) else { return }
    var tree = shared.remove(at: place).tree
    if let node = tree.finish() { finished.append((group, finisher.values(of: node, layout: tree.layout))) }
  }

  /// Gives up the nodes of a group that another rank finishes.
  mutating func release(group: Int) -> [TreeNode] {
    guard let place = shared.firstIndex(where: { $0.group == group }) else { return [] }
    return shared.remove(at: place).tree.nodes
  }
}

extension ReductionRequest {
  /// Figures to be kept for the statistics asked for. An automatic histogram range needs the extremes.
  var fields: PartialFields {
    var fields = statistics.reduce(into: PartialFields()) { $0.formUnion($1.row.needs) }
    if let histogram, histogram.range == nil { fields.formUnion([.minimum, .maximum]) }
    return fields
  }
}
