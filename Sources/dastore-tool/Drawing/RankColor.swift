// One colour per rank, told apart by most eyes while there are few ranks.

struct RankColor {
  private let red: Double
  private let green: Double
  private let blue: Double

  /// The colour of the `number`-th of `count` ranks.
  ///
  /// Up to eight ranks: colours that people with any kind of colour vision tell apart (M. Okabe, K. Ito, "Color
  /// universal design", 2008). More: hues a golden section of the circle apart, in three depths.
  init(number: Int, of count: Int) {
    if count <= Self.few.count, Self.few.indices.contains(number) {
      let hex = Self.few[number]
      (red, green, blue) = (Double(hex >> 16) / 255, Double(hex >> 8 & 0xFF) / 255, Double(hex & 0xFF) / 255)
      return
    }
    let turns = Double(number) * 0.618_033_988_749_895
    let hue = (turns - turns.rounded(.down)) * 6
    let depth = [0.95, 0.7, 0.85][number % 3]
    let saturation = [0.65, 0.75, 0.4][number % 3]
    /// The share of a primary colour whose place on the circle of six is `offset` away.
    func share(_ offset: Double) -> Double {
      var distance = hue + offset
      if distance >= 6 { distance -= 6 }
      return depth - depth * saturation * max(0, min(distance, 4 - distance, 1))
    }
    (red, green, blue) = (share(5), share(3), share(1))
  }

  private static let few = [0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7, 0x999999]

  /// As SVG writes it: `#e69f00`.
  var hex: String {
    "#"
      + [red, green, blue].map { share in
        let text = String(Int((max(0, min(1, share)) * 255).rounded()), radix: 16)
        return text.count == 1 ? "0" + text : text
      }.joined()
  }

  /// The colour of text that is legible on this one.
  var text: String { 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 ? "#000000" : "#ffffff" }
}
