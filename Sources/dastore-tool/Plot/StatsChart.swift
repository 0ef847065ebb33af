// What `stats --plot` draws: the histogram, or the statistics along the one axis that was kept.

import DAStore
import DistArray

extension Chart {
  /// - Parameters:
  ///   - name: The array, as the user named it.
  ///   - axis: The axis that was kept, for statistics along it.
  /// - Throws: `.invalidArgument` when the result has nothing to draw.
  init(of result: ReductionResult, name: String, shape: [Int], axis: Int?) throws(StoreError) {
    title = "\(name): \(result.dtype.name) \(shapeText(shape))"
    if let axis {
      let lines: [(Statistic, String, Canvas.Color, Double)] = [
        (.minimum, "smallest", .green, 1), (.mean, "mean", .blue, 2), (.maximum, "largest", .orange, 1),
      ]
      content = .lines(
        lines.map { statistic, name, color, width in
          Line(name: name, values: result.arrays[statistic]?.doubles ?? [], color: color, width: width)
        })
      (xName, yName) = ("index along axis \(axis)", "value")
      return
    }
    guard let histogram = result.histogram else {
      throw StoreError(.invalidArgument, result.remarks.first ?? "there is no histogram to draw", path: name)
    }
    content = .bars(edges: histogram.edges, counts: histogram.counts)
    let outside = histogram.outsideCount
    if outside > 0 { title += "; \(countText(outside)) elements are outside, or not numbers" }
    (xName, yName) = ("value", "elements")
  }
}

extension DenseArray {
  /// The elements of a real type as Double.
  fileprivate var doubles: [Double] {
    struct Reader: ElementVisitor {
      let array: DenseArray
      func visit<E: Element>(_: E.Type) -> [Double] {
        (array.values(as: E.self) ?? []).map { element in
          switch element {
          case let value as StoredBool: value.isTrue ? 1 : 0
          case let value as any BinaryInteger: Double(value)
          case let value as any BinaryFloatingPoint: Double(value)
          default: .nan
          }
        }
      }
    }
    return dtype.visit(Reader(array: self))
  }
}
