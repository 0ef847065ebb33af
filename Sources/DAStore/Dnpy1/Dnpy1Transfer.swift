// How one file's part of a chunk travels: which bytes of the file, and where their elements belong. Pure arithmetic.

/// The bytes of a file that hold a part, and the way between them and the chunk.
///
/// The outer storage axes are walked index by index; of the inner ones the bounding range is taken. How many are outer
/// is decided by how many unwanted bytes may be taken along.
struct Dnpy1Transfer {
  /// Ranges relative to the file's first element, in the order of the stored bytes.
  let extents: [(offset: Int, byteCount: Int)]
  /// Sum of the extents.
  let byteCount: Int
  /// Bytes of the elements alone.
  let neededByteCount: Int
  private let part: Dnpy1Part
  private let elementByteCount: Int
  /// Per axis: whether it is walked index by index, its stride in the stored bytes, and the lowest local index.
  private let isOuter: [Bool]
  private let storedStrides: [Int]
  private let lowestLocal: [Int]

  /// - Parameters:
  ///   - localShape: Shape of the file's dense array.
  ///   - amplification: The extents may hold this many times the bytes needed; with 1 they hold just these.
  init(_ part: Dnpy1Part, localShape: [Int], isFortranOrder: Bool, elementByteCount: Int, amplification: Int) {
    let strides =
      isFortranOrder
      ? columnMajorStrides(localShape, elementByteCount: elementByteCount)
      : rowMajorStrides(localShape, elementByteCount: elementByteCount)
    let storageOrder = isFortranOrder ? Array(localShape.indices.reversed()) : Array(localShape.indices)
    let counts = part.counts
    let lowest = part.runs.map { $0.reduce(Int.max) { min($0, $1.localStart, $1.lastLocal) } }
    let highest = part.runs.map { $0.reduce(0) { max($0, $1.localStart, $1.lastLocal) } }
    let needed = counts.reduce(elementByteCount, *)

    var outerCount = 0
    var innerByteCount = 0
    while true {
      innerByteCount = storageOrder[outerCount...].reduce(elementByteCount) {
        $0 + (highest[$1] - lowest[$1]) * strides[$1]
      }
      let outerElements = storageOrder[..<outerCount].reduce(1) { $0 * counts[$1] }
      let (total, overflow) = innerByteCount.multipliedReportingOverflow(by: outerElements)
      // With every axis outer nothing but the elements is left, so this ends.
      if outerCount == storageOrder.count || !overflow && total <= needed.saturatingProduct(amplification) { break }
      outerCount += 1
    }

    var storedStrides = strides
    var isOuter = Array(repeating: false, count: localShape.count)
    var stride = innerByteCount
    for axis in storageOrder[..<outerCount].reversed() {
      isOuter[axis] = true
      storedStrides[axis] = stride
      stride *= counts[axis]
    }
    let innerOffset = storageOrder[outerCount...].reduce(0) { $0 + lowest[$1] * strides[$1] }
    var extents: [(offset: Int, byteCount: Int)] = []
    forEachIndex(of: storageOrder[..<outerCount].map { part.runs[$0].localIndices }) { locals in
      var offset = innerOffset
      for (axis, local) in zip(storageOrder, locals) { offset += local * strides[axis] }
      if let last = extents.last, last.offset + last.byteCount == offset {
        extents[extents.count - 1].byteCount += innerByteCount
      } else {
        extents.append((offset, innerByteCount))
      }
    }
    self.part = part
    self.elementByteCount = elementByteCount
    self.extents = extents
    byteCount = stride
    neededByteCount = needed
    self.isOuter = isOuter
    self.storedStrides = storedStrides
    lowestLocal = lowest
  }

  /// Calls `body` for every box of the part: its shape, and offset and strides in bytes in the chunk and in the stored
  /// bytes.
  func forEachBox(in region: Region, _ body: (Dnpy1Box) -> Void) {
    let chunkStrides = rowMajorStrides(region.shape, elementByteCount: elementByteCount)
    // Where a run's first element stands among the elements of its axis, for axes that are walked index by index.
    let ordinals = part.runs.map { runs in runs.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) } }
    forEachIndex(of: part.runs.map { Array($0.indices) }) { choice in
      var box = Dnpy1Box()
      for (axis, number) in choice.enumerated() {
        let run = part.runs[axis][number]
        box.shape.append(run.count)
        box.chunkStrides.append(run.step * chunkStrides[axis])
        box.chunkOffset += (run.start - region.lower[axis]) * chunkStrides[axis]
        box.storedStrides.append((isOuter[axis] ? 1 : run.localStep) * storedStrides[axis])
        box.storedOffset +=
          (isOuter[axis] ? ordinals[axis][number] : run.localStart - lowestLocal[axis]) * storedStrides[axis]
      }
      body(box)
    }
  }

  /// The place in the chunk of this part when its stored bytes, as they are, are a stretch of the chunk; else `nil`.
  func stretch(in region: Region) -> Int? {
    guard extents.count == 1, byteCount == neededByteCount, part.runs.allSatisfy({ $0.count == 1 }) else { return nil }
    var found: Int?
    forEachBox(in: region) { box in
      // Both sides dense in C order: axes of one element have no stride that matters.
      let dense = rowMajorStrides(box.shape, elementByteCount: elementByteCount)
      let fits = box.shape.indices.allSatisfy {
        box.shape[$0] == 1 || box.chunkStrides[$0] == dense[$0] && box.storedStrides[$0] == dense[$0]
      }
      if fits { found = box.chunkOffset }
    }
    return found
  }
}

/// A box of elements on its way between stored bytes and a chunk.
struct Dnpy1Box {
  var shape: [Int] = []
  var chunkOffset = 0
  var chunkStrides: [Int] = []
  var storedOffset = 0
  var storedStrides: [Int] = []
}

/// Calls `body` with every choice of one entry per list, the last list fastest; once with nothing for no lists.
private func forEachIndex(of lists: [[Int]], _ body: ([Int]) -> Void) {
  if lists.contains(where: \.isEmpty) { return }
  var positions = Array(repeating: 0, count: lists.count)
  var choice = lists.map { $0[0] }
  while true {
    body(choice)
    var axis = lists.count - 1
    while axis >= 0 {
      positions[axis] += 1
      if positions[axis] < lists[axis].count {
        choice[axis] = lists[axis][positions[axis]]
        break
      }
      positions[axis] = 0
      choice[axis] = lists[axis][0]
      axis -= 1
    }
    if axis < 0 { return }
  }
}

extension AxisRun {
  fileprivate var lastLocal: Int { localStart + (count - 1) * localStep }
}

extension [AxisRun] {
  fileprivate var localIndices: [Int] {
    flatMap { run in (0..<run.count).map { run.localStart + $0 * run.localStep } }
  }
}

extension Int {
  fileprivate func saturatingProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
