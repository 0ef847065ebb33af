// What ranks own of an array seen as one long axis in C order: the common ground of arrays with different shapes.

import DAStore

/// The elements of a distributed array by their number in C order.
///
/// The trailing axes that are whole on every rank form one contiguous stretch per index of the axis before them. What
/// remains are rows: everything before that axis picks the row, the axis itself with its stretches is the row.
struct FlatLayout {
  private let distribution: Distribution
  private let shape: [Int]
  /// The axis whose indices make up a row; `nil` when all axes are whole.
  private let rowAxis: Int?
  /// Elements behind one index of the row's axis.
  private let stretch: Int

  init(_ distribution: Distribution) {
    self.distribution = distribution
    shape = distribution.shape
    var stretch = 1
    var axis = distribution.axes.count - 1
    while axis >= 0, distribution.axes[axis].isWhole {
      stretch *= shape[axis]
      axis -= 1
    }
    rowAxis = axis >= 0 ? axis : nil
    self.stretch = stretch
  }

  /// Calls `body` with what the rank at this place owns, ascending; local positions are in its dense C-order buffer.
  func forEachRun(at coordinates: [Int], _ body: (AxisRun) -> Void) {
    if distribution.elementCount == 0 { return }
    guard let rowAxis else { return body(AxisRun(start: 0, count: stretch, localStart: 0)) }
    let strides = rowMajorStrides(distribution.localShape(at: coordinates), elementByteCount: 1)
    let outer = (0..<rowAxis).map { distribution.axes[$0].ownedRuns(of: coordinates[$0]) }
    let rowRuns = distribution.axes[rowAxis].ownedRuns(of: coordinates[rowAxis])
    forEachRow(of: outer, strides) { row, base in
      for run in rowRuns { scaled(run, row: row, base: base, body) }
    }
  }

  /// Calls `body` with the runs of all places that may share elements with `run`, ascending for each place.
  func forEachRun(meeting run: AxisRun, _ body: (_ place: Int, AxisRun) -> Void) {
    guard let rowAxis else { return body(0, AxisRun(start: 0, count: stretch, localStart: 0)) }
    let grid = distribution.gridShape
    let rowLength = shape[rowAxis] * stretch
    let map = distribution.axes[rowAxis]
    for row in run.start / rowLength...(run.stop - 1) / rowLength {
      let first = max(run.start - row * rowLength, 0) / stretch
      let last = min(run.stop - 1 - row * rowLength, rowLength - 1) / stretch
      let prefix = rowMajorPosition(of: row, in: Array(shape[..<rowAxis]))
      var coordinates = prefix.enumerated().map { axis, index in distribution.axes[axis].owner(of: index) }
      coordinates += Array(repeating: 0, count: shape.count - rowAxis)
      for owner in map.owners(in: first..<last + 1) {
        coordinates[rowAxis] = owner
        let strides = rowMajorStrides(distribution.localShape(at: coordinates), elementByteCount: 1)
        var base = 0
        for (axis, index) in prefix.enumerated() {
          guard let local = distribution.axes[axis].local(of: index, on: coordinates[axis]) else {
            preconditionFailure("owners hold what they own")
          }
          base += local * strides[axis]
        }
        let place = gridRank(of: coordinates, in: grid)
        for part in map.runs(of: owner, in: first..<last + 1) {
          scaled(part, row: row, base: base) { body(place, $0) }
        }
      }
    }
  }

  /// A run of the row's axis as runs of single elements.
  private func scaled(_ run: AxisRun, row: Int, base: Int, _ body: (AxisRun) -> Void) {
    guard let rowAxis else { return }
    let start = (row * shape[rowAxis] + run.start) * stretch
    let local = base + run.localStart * stretch
    if stretch == 1 {
      body(
        AxisRun(start: start, step: run.step, count: run.count, localStart: local, localStep: run.localStep))
    } else if run.step == 1 && run.localStep == 1 {
      body(AxisRun(start: start, count: run.count * stretch, localStart: local))
    } else {
      for element in 0..<run.count {
        body(
          AxisRun(
            start: start + element * run.step * stretch, count: stretch,
            localStart: local + element * run.localStep * stretch))
      }
    }
  }

  /// Calls `body` with the number of each row whose indices lie in these runs, ascending, and where it lies in the
  /// buffer.
  private func forEachRow(of runs: [AxisRuns], _ strides: [Int], _ body: (_ row: Int, _ base: Int) -> Void) {
    func descend(_ axis: Int, _ row: Int, _ base: Int) {
      guard axis < runs.count else { return body(row, base) }
      for run in runs[axis] {
        for element in 0..<run.count {
          descend(
            axis + 1, row * shape[axis] + run.start + element * run.step,
            base + (run.localStart + element * run.localStep) * strides[axis])
        }
      }
    }
    descend(0, 0, 0)
  }
}

extension AxisMap {
  /// Whether one grid rank has the whole axis in its order, without gaps.
  fileprivate var isWhole: Bool { rankCount == 1 && keepsOrder }
}

extension Distribution {
  /// What a rank owns as runs of elements numbered in C order, ascending; local positions are in its dense C-order
  /// buffer.
  ///
  /// - Complexity: O(result), which is at least one run per row unless whole rows are contiguous.
  public func flatRuns(ofRank rank: Int) -> [AxisRun] {
    guard let coordinates = coordinates(ofRank: rank) else { return [] }
    var runs: [AxisRun] = []
    FlatLayout(self).forEachRun(at: coordinates) { run in
      if let last = runs.last, last.step == 1, run.step == 1, last.stop == run.start,
        last.localStep == 1, run.localStep == 1, last.localStart + last.count == run.localStart
      {
        runs[runs.count - 1].count += run.count
      } else {
        runs.append(run)
      }
    }
    return runs
  }
}
