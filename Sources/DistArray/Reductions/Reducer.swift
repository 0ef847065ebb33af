// One rank's share of a reduction: takes chunks of each group in order, keeps the few nodes that wait.

import DAStore

/// Adds the chunks of some units, in order of their ordinals within each group.
///
/// Knows neither files nor message passing: whoever drives it hands in each chunk's bytes. Groups may be open side by
/// side, so that reductions over other axes can share the sweep.
struct Reducer {
  let geometry: ReductionGeometry
  let dtype: DType
  let fields: PartialFields
  private let pool: BufferPool
  private let finisher: Finisher
  /// Groups that have begun and not ended, by number.
  private var groups: [Int: OpenGroup] = [:]
  /// Groups whose every unit was in this share.
  private(set) var finished: [(group: Int, values: GroupValues)] = []

  private struct OpenGroup {
    /// The first ordinal of this share, and the next.
    let first: Int
    var next: Int
    /// The unit whose chunks are being added.
    var unit: TreeNode?
    var tree: ReductionTree
  }

  /// Groups of which other ranks have units too, ascending, when all chunks have been added.
  var sharedGroups: [Int] { groups.keys.sorted() }

  init(geometry: ReductionGeometry, dtype: DType, request: ReductionRequest, pool: BufferPool) {
    self.geometry = geometry
    self.dtype = dtype
    fields = request.fields
    self.pool = pool
    finisher = Finisher(request: request, dtype: dtype, geometry: geometry)
  }

  /// Partial results of a group.
  func layout(ofGroup group: Int) -> PartialLayout {
    PartialLayout(dtype: dtype, fields: fields, width: geometry.outputRegion(ofGroup: group).elementCount)
  }

  /// Adds a chunk; within a group they come by ascending ordinal, from the beginning of a unit on.
  ///
  /// - Parameter bytes: The chunk's elements: dense, C order, aligned for their type.
  /// - Throws: `.memory`; `.internalFault` when chunks come in another order.
  mutating func add(chunk number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {
    let region = geometry.grid.region(of: number)
    let (group, ordinal) = geometry.place(ofChunk: number)
    // Taken out of the table while it is changed, so that nothing is copied.
    var open =
      groups.removeValue(forKey: group)
      ?? OpenGroup(first: ordinal, next: ordinal, tree: ReductionTree(layout: layout(ofGroup: group)))
    let (index, inUnit) = ordinal.quotientAndRemainder(dividingBy: geometry.chunksPerUnit)
    guard ordinal == open.next, (open.unit == nil) == (inUnit == 0),
      bytes.count == region.elementCount * dtype.byteCount
    else { throw StoreError(.internalFault, "chunk \(number) of \(bytes.count) bytes is not the next to be reduced") }
    let layout = open.tree.layout
    var unit: TreeNode
    if let begun = open.unit {
      unit = begun
    } else {
      unit = TreeNode(level: 0, index: index, count: 0, memory: try pool.lease(byteCount: layout.byteCount))
    }
    let walk = ChunkWalk(geometry: geometry, chunk: number, elementByteCount: dtype.byteCount)
    layout.add(bytes, walk: walk, prior: unit.count, to: unit.memory.bytes)
    unit.count += geometry.reducedAxes.reduce(1) { $0 * (region.upper[$1] - region.lower[$1]) }
    open.next += 1
    open.unit = unit
    let isLast = open.next == geometry.chunksPerGroup
    if isLast || open.next % geometry.chunksPerUnit == 0 {
      open.unit = nil
      open.tree.push(unit)
    }
    if isLast && open.first == 0 { finish(group, open) } else { groups[group] = open }
  }

  private mutating func finish(_ group: Int, _ open: OpenGroup) {
    var tree = open.tree
    if let node = tree.finish() { finished.append((group, finisher.values(of: node, layout: tree.layout))) }
  }

  /// Takes a node of a group that another rank sent; nodes arrive in the order of their units.
  mutating func take(group: Int, node: TreeNode) {
    guard var open = groups.removeValue(forKey: group) else { return }
    open.tree.push(node)
    groups[group] = open
  }

  /// Ends a shared group, all of whose nodes are here.
  mutating func finishShared(group: Int) {
    if let open = groups.removeValue(forKey: group) { finish(group, open) }
  }

  /// Gives up the nodes of a group that another rank finishes.
  mutating func release(group: Int) -> [TreeNode] { groups.removeValue(forKey: group)?.tree.nodes ?? [] }
}

extension ReductionRequest {
  /// Figures to be kept for the statistics asked for. An automatic histogram range needs the extremes.
  var fields: PartialFields {
    var fields = statistics.reduce(into: PartialFields()) { $0.formUnion($1.row.needs) }
    if let histogram, histogram.range == nil { fields.formUnion([.minimum, .maximum]) }
    return fields
  }
}
