// Arrays with a frame around them.

import DAStore

extension DistArray {
  /// What stands in the frame around an array; NumPy's names.
  public enum PadMode: String, Sendable, Hashable, CaseIterable {
    /// One value.
    case constant
    /// The nearest element.
    case edge
    /// The array again, from its other end.
    case wrap
    /// The array mirrored at its first and last elements.
    case reflect
    /// The array mirrored at its borders: the first and last elements come twice.
    case symmetric
  }

  /// The array with a frame around it. NumPy's `pad`.
  ///
  /// - Parameters:
  ///   - widths: Per axis, how many positions come before and after; one pair stands for all axes.
  ///   - value: What a constant frame holds, as an element of the array's type.
  public func padded(
    _ widths: [(before: Int, after: Int)], _ mode: PadMode = .constant, value: any ArrayOperand = 0
  ) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      guard widths.count == shape.count || widths.count == 1 else {
        throw StoreError(
          .invalidArgument, "\(widths.count) pairs of widths for \(shape.count) axes; give one for each, or one for all"
        )
      }
      var axes: [Mosaic.Axis] = []
      for (axis, size) in shape.enumerated() {
        let (before, after) = widths[widths.count == 1 ? 0 : axis]
        guard before >= 0, after >= 0 else {
          throw StoreError(.invalidArgument, "widths (\(before), \(after)) of axis \(axis) must not be negative")
        }
        let (some, overflow) = size.addingReportingOverflow(before)
        guard !overflow, !some.addingReportingOverflow(after).overflow else {
          throw StoreError(.invalidArgument, "axis \(axis) with a frame of \(before) and \(after) is too long")
        }
        guard size <= Int.max / 4 else { throw StoreError(.invalidArgument, "axis \(axis) is too long for a frame") }
        guard size > 0 || mode == .constant || before + after == 0 else {
          throw StoreError(
            .invalidArgument,
            "axis \(axis) is empty and can have no frame of mode '\(mode.rawValue)', only of 'constant'")
        }
        axes.append(Mosaic.Axis(try mode.runs(size, before: before, after: after)))
      }
      let layout = Mosaic(axes)
      if layout.shape == shape { return expression }
      guard mode == .constant else { return try .assembled(shape: layout.shape, [expression], layout) }
      return try .assembled(shape: layout.shape, [expression, expression.frame(of: value)], layout)
    }
  }
}

extension DistArray.PadMode {
  /// Repetitions of an array in its own frame are refused beyond this number.
  private static var mostRuns: Int { 1 << 20 }

  /// Where the positions of an axis with a frame come from.
  func runs(_ size: Int, before: Int, after: Int) throws(StoreError) -> [Mosaic.Run] {
    let inside = Mosaic.Run(start: 0, step: 1, count: size)
    if self == .constant {
      return [
        .init(part: 1, start: 0, step: 0, count: before), inside, .init(part: 1, start: 0, step: 0, count: after),
      ]
    }
    if self == .edge || size <= 1 {
      let last = max(size - 1, 0)
      return [.init(start: 0, step: 0, count: before), inside, .init(start: last, step: 0, count: after)]
    }
    // The positions repeat with a period: the array forwards, and then backwards if it is mirrored.
    let backwards =
      switch self {
      case .reflect: Mosaic.Run(start: size - 2, step: -1, count: size - 2)
      case .symmetric: Mosaic.Run(start: size - 1, step: -1, count: size)
      case .wrap, .constant, .edge: Mosaic.Run(start: 0, step: -1, count: 0)
      }
    let period = size + backwards.count
    guard (before / period + after / period) < Self.mostRuns / 2 else {
      throw StoreError(
        .invalidArgument,
        "a frame of \(before) and \(after) repeats an axis of \(size) more than \(Self.mostRuns) times")
    }
    let cycle = Mosaic.Axis([inside, backwards])
    var runs: [Mosaic.Run] = []
    var place = before % period == 0 ? 0 : period - before % period
    var rest = before + size + after
    while rest > 0 {
      let part = cycle.runs(from: place, to: min(period, place + min(rest, period)))
      runs += part
      rest -= part.reduce(0) { $0 + $1.count }
      place = 0
    }
    return runs
  }
}
