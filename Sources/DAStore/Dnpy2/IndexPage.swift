// One page of the index. Formats/dnpy-2.md section 5.

struct IndexPage: Sendable, Equatable {
  var level: Int
  var number: Int
  var records: [Record]

  /// A page below which nothing is stored.
  init(emptyAtLevel level: Int, number: Int) {
    self.level = level
    self.number = number
    records = Array(repeating: .absent, count: Dnpy2Layout.recordsPerPage)
  }

  /// - Throws: `.corrupt` when the bytes are not the page that was looked for.
  init(_ bytes: [UInt8], level: Int, number: Int, frontier: Int) throws(StoreError) {
    let fields = FieldReader(bytes: bytes)
    let what = "index page \(number) of level \(level)"
    guard bytes.count == Dnpy2Layout.pageByteCount, fields.slice(0, 4) == Dnpy2Layout.pageMagic,
      Int(fields.u16(4)) == level, fields.u64(8) == UInt64(number)
    else { throw StoreError(.corrupt, "\(what): another page stands in its place") }
    self.level = level
    self.number = number
    records = []
    records.reserveCapacity(Dnpy2Layout.recordsPerPage)
    let allowed: Set<Record.Kind> = level == 0 ? [.absent, .encoded, .raw, .constant] : [.absent, .page]
    for index in 0..<Dnpy2Layout.recordsPerPage {
      records.append(
        try Record(
          fields, at: Dnpy2Layout.pageHeaderByteCount + index * Dnpy2Layout.recordByteCount, allowed: allowed,
          frontier: frontier, what: what))
    }
  }

  func encoded() -> [UInt8] {
    var fields = FieldWriter(byteCount: Dnpy2Layout.pageByteCount)
    fields.put(0, bytes: Dnpy2Layout.pageMagic)
    fields.put(4, u16: UInt16(level))
    fields.put(8, count: number)
    for (index, record) in records.enumerated() {
      record.put(into: &fields, at: Dnpy2Layout.pageHeaderByteCount + index * Dnpy2Layout.recordByteCount)
    }
    return fields.bytes
  }

  var isEmpty: Bool { records.allSatisfy { $0.kind == .absent } }
}
