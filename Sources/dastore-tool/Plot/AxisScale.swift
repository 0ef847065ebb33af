// The scale of one axis of a chart: which values it spans, where its ticks stand and what they say. Pure.

import Glibc

struct AxisScale {
  let low: Double
  let high: Double
  /// Values of the ticks, ascending, and their labels: the values less ``offset``, divided by ten to the power of
  /// ``exponent``.
  private(set) var ticks: [(value: Double, label: String)] = []
  /// A multiple of three; zero where the numbers are short anyway.
  private(set) var exponent = 0
  /// Zero unless the values differ by little of what they are.
  private(set) var offset = 0.0

  /// A scale of about `tickCount` ticks at 1, 2 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - isRounded: Whether the ends may move out to the next ticks.
  ///   - isWhole: Whether ticks stand at whole numbers only.
  /// - Returns: `nil` unless both ends and their distance are finite.
  init?(from first: Double, to last: Double, tickCount: Int, isRounded: Bool, isWhole: Bool = false) {
    var (low, high) = (min(first, last), max(first, last))
    let magnitude = max(low.magnitude, high.magnitude)
    guard (high - low).isFinite, magnitude < 1e300 else { return nil }
    // Ends that are nearly the same make a scale around them, which still has numbers between its ticks.
    let least = max(magnitude * 1e-13, magnitude == 0 ? 1 : 0, 1e-300)
    if high - low < least { (low, high) = (low - least / 2, high + least / 2) }
    let step = max(Self.step((high - low) / Double(max(1, tickCount))), isWhole ? 1 : 0)
    if isRounded { (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step) }
    self.low = low
    self.high = high
    if magnitude > 1e4 * (high - low), !isWhole {
      let unit = pow(10, log10(high - low).rounded(.up))
      offset = (low / unit).rounded() * unit
    }
    let power = Int(log10(max((low - offset).magnitude, (high - offset).magnitude)).rounded(.down))
    if power >= 5 || power < -3 { exponent = Int((Double(power) / 3).rounded(.down)) * 3 }
    let unit = pow(10, Double(exponent))
    let digits = max(0, min(15, -Int(log10(step / unit * 1.0001).rounded(.down))))
    var number = (low / step - 1e-9).rounded(.up)
    while number * step <= high + step * 1e-9, ticks.count <= 4 * tickCount {
      let value = number * step
      ticks.append((value, fixed((value - offset) / unit, digits)))
      number += 1
    }
  }

  /// The smallest 1, 2 or 5 times a power of ten that is not below `width`.
  private static func step(_ width: Double) -> Double {
    let power = pow(10, log10(width).rounded(.down))
    return ([1, 2, 5, 10].first { $0 * power >= width * 0.9999 } ?? 10) * power
  }

  /// Where a value stands, 0 at the low end and 1 at the high one.
  func place(_ value: Double) -> Double { (value - low) / (high - low) }

  /// What stands behind the name of the axis: ` − 1013.0 (×10^-6)`.
  var unitText: String { (offset == 0 ? "" : " − \(offset)") + (exponent == 0 ? "" : " (×10^\(exponent))") }
}
