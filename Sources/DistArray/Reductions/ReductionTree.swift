// Partial results as nodes of a fixed binary tree over the units of a group.

import CKernels
import DAStore

/// The joined partial results of units `index << level ..< (index + 1) << level` of a group.
struct TreeNode {
  var level: Int
  var index: Int
  /// Elements behind each output element.
  var count: Int
  let memory: PooledBuffer
}

/// The nodes of one group that wait for their sibling.
///
/// Nodes arrive in the order of their units. Two siblings join at once; at the end the remaining nodes join from the
/// right. So the tree's shape follows from the number of units alone, wherever the work was split.
struct ReductionTree {
  let layout: PartialLayout
  private(set) var nodes: [TreeNode] = []

  init(layout: PartialLayout) { self.layout = layout }

  mutating func push(_ node: TreeNode) {
    nodes.append(node)
    while nodes.count >= 2, areSiblings(nodes[nodes.count - 2], nodes[nodes.count - 1]) {
      let right = nodes.removeLast()
      join(right)
      nodes[nodes.count - 1].level += 1
      nodes[nodes.count - 1].index /= 2
    }
  }

  /// The group's result; `nil` when nothing was pushed.
  mutating func finish() -> TreeNode? {
    while nodes.count >= 2 {
      let right = nodes.removeLast()
      join(right)
    }
    return nodes.popLast()
  }

  private func areSiblings(_ left: TreeNode, _ right: TreeNode) -> Bool {
    left.level == right.level && left.index % 2 == 0 && left.index + 1 == right.index
  }

  /// Joins `right` into the last node.
  private mutating func join(_ right: TreeNode) {
    let left = nodes[nodes.count - 1]
    var target = layout.partials(in: left.memory.bytes)
    var source = layout.partials(in: right.memory.bytes)
    ckernels_merge(
      KernelLevel.best, layout.dtype.kernelCode, Int64(layout.width), &target, Int64(left.count), &source,
      Int64(right.count))
    var folds = layout.folds(in: left.memory.bytes)
    var others = layout.folds(in: right.memory.bytes)
    ckernels_join_folds(KernelLevel.best, Int64(layout.width), &folds, &others)
    nodes[nodes.count - 1].count += right.count
  }
}
