// Puts the values of groups into whole arrays.

import DAStore

struct ResultAssembly {
  private let finisher: Finisher
  private let geometry: ReductionGeometry
  private let dtype: DType
  private var arrays: [[UInt8]]
  private var unrounded: [Statistic: Double] = [:]

  init(request: ReductionRequest, dtype: DType, geometry: ReductionGeometry) {
    self.geometry = geometry
    self.dtype = dtype
    finisher = Finisher(request: request, dtype: dtype, geometry: geometry)
    arrays = finisher.statistics.map {
      [UInt8](repeating: 0, count: geometry.outputCount * $0.row.resultType(dtype).byteCount)
    }
  }

  /// Bytes of a group's values.
  func byteCount(ofGroup group: Int) -> Int {
    finisher.byteCount(width: geometry.outputRegion(ofGroup: group).elementCount)
  }

  /// Places the values of one group.
  ///
  /// - Throws: `.internalFault` when they are not as many as the group has.
  mutating func place(_ values: ArraySlice<UInt8>, group: Int) throws(StoreError) {
    let region = geometry.outputRegion(ofGroup: group)
    guard values.count == finisher.byteCount(width: region.elementCount) else {
      throw StoreError(.internalFault, "results of group \(group) have \(values.count) bytes")
    }
    var offset = values.startIndex
    for (index, statistic) in finisher.statistics.enumerated() {
      let size = statistic.row.resultType(dtype).byteCount
      let strides = rowMajorStrides(geometry.outputShape, elementByteCount: size)
      let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
      arrays[index].withUnsafeMutableBytes { target in
        values.withUnsafeBytes { source in
          guard let to = target.baseAddress, let from = source.baseAddress else { return }
          copyBox(
            shape: region.shape, elementByteCount: size, from: from + (offset - values.startIndex),
            sourceStrides: rowMajorStrides(region.shape, elementByteCount: size), to: to + start,
            destinationStrides: strides)
        }
      }
      offset += size * region.elementCount
    }
    for statistic in finisher.unrounded {
      unrounded[statistic] = values[offset..<offset + 8].withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
      offset += 8
    }
  }

  /// The finished result.
  func result(histogram: Histogram?, remarks: [String]) -> ReductionResult {
    var given: [Statistic: DenseArray] = [:]
    var doubles = unrounded
    for (index, statistic) in finisher.statistics.enumerated() {
      let type = statistic.row.resultType(dtype)
      var bytes = arrays[index]
      if geometry.elementsPerOutput == 0 {
        // No elements behind the values: an identity, NaN, or nothing at all.
        if let empty = finisher.emptyValue(of: statistic) {
          bytes.withUnsafeMutableBytes { empty.fill($0) }
          if finisher.unrounded.contains(statistic) { doubles[statistic] = statistic.row.empty == .zero ? 0 : .nan }
        } else if geometry.outputCount > 0 {
          continue
        }
      }
      given[statistic] = DenseArray(dtype: type, shape: geometry.outputShape, bytes: bytes)
    }
    return ReductionResult(
      dtype: dtype, shape: geometry.outputShape, elementsPerOutput: geometry.elementsPerOutput, arrays: given,
      unrounded: doubles, histogram: histogram, remarks: remarks)
  }
}
