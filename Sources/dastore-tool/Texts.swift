// Numbers and tables as people read them.

/// `1.37 GB/s`, for throughput: powers of 1000, as disks and memory state theirs.
func rateText(bytes: Int, seconds: Double) -> String {
  let rate = seconds > 0 ? Double(bytes) / seconds : 0
  return rate >= 1e9 ? "\(fixed(rate / 1e9, 2)) GB/s" : "\(fixed(rate / 1e6, rate < 1e7 ? 1 : 0)) MB/s"
}

/// A count with its thousands separated: `623,551,288`.
func countText(_ count: Int) -> String {
  let digits = String(count.magnitude)
  var text = ""
  for (position, digit) in digits.enumerated() {
    if position > 0, (digits.count - position) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return count < 0 ? "-" + text : text
}

/// `value` with `digits` decimals, rounded to nearest.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, value.magnitude < 0x1p53 else { return "\(value)" }
  let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
  let scaled = (value.magnitude * scale).rounded()
  guard scaled < 0x1p62 else { return "\(value)" }
  let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
  let decimals = String(part)
  let padding = String(repeating: "0", count: digits - min(digits, decimals.count))
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return digits == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(padding)\(decimals)"
}

/// Lines of a table whose columns are as wide as their widest entry, two spaces apart.
func table(_ rows: [[String]]) -> [String] {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ").trimming(" ")
  }
}
