// How many bytes a rank may hold, as users write it and as plans divide it.

import DAStore
import Glibc

/// The byte budget of one rank.
public struct MemoryBudget: Sendable, Hashable {
  public private(set) var byteCount: Int

  /// - Throws: `.invalidArgument` when it is not positive.
  public init(byteCount: Int) throws(StoreError) {
    guard byteCount > 0 else {
      throw StoreError(.invalidArgument, "a memory budget of \(byteCount) bytes; it must be positive")
    }
    self.byteCount = byteCount
  }

  /// Bytes of a larger budget that something else holds meanwhile: whoever asks for more must name them, too.
  private(set) var withheldByteCount = 0

  /// The budget without bytes that something else holds.
  func without(_ heldByteCount: Int) -> MemoryBudget {
    var rest = self
    rest.byteCount = max(1, byteCount - max(0, heldByteCount))
    rest.withheldByteCount = saturatingSum(withheldByteCount, byteCount - rest.byteCount)
    return rest
  }

  /// What refusals say: `needs 9 bytes per rank, the budget is 7; raise --memory to 9`.
  func refusal(needing byteCount: Int) -> String {
    let others = withheldByteCount > 0 ? " beside \(withheldByteCount) that are in use" : ""
    return "needs \(byteCount) bytes per rank, the budget is \(self.byteCount)\(others); raise --memory to "
      + "\(naming(byteCount))"
  }

  /// The whole budget of which so many bytes are left.
  func naming(_ byteCount: Int) -> Int { saturatingSum(byteCount, withheldByteCount) }

  /// Parses `512MiB`, `2GB`, `1.5GiB`, `65536`; KiB, MiB, GiB, TiB are powers of 1024, kB, MB, GB, TB of 1000.
  ///
  /// - Throws: `.invalidArgument` with what was expected.
  public init(parsing text: String) throws(StoreError) {
    let units = [
      "": 1, "B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
      "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
      "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).filter { $0 != " " }.uppercased()
    guard let factor = units[unit], let amount = Double(String(number)), amount * Double(factor) < 0x1p62 else {
      throw StoreError(.invalidArgument, "'\(text)' is not an amount of memory; write 512MiB, 2GB or a number of bytes")
    }
    try self.init(byteCount: Int(amount * Double(factor)))
  }

  /// What a rank takes when nobody says: the environment's `DASTORE_MEMORY`, or a quarter of this machine's memory
  /// divided by the ranks on it, at most 4 GiB.
  ///
  /// Local; ranks of one node get the same answer.
  /// - Throws: `.invalidArgument` when the environment holds something else than an amount.
  public static func standard(ranksOnNode: Int) throws(StoreError) -> MemoryBudget {
    if let text = getenv("DASTORE_MEMORY") {
      do { return try MemoryBudget(parsing: String(cString: text)) } catch {
        throw StoreError(.invalidArgument, "environment variable DASTORE_MEMORY: \(error.message)")
      }
    }
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let memory = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : 1 << 31
    return try MemoryBudget(byteCount: max(16 << 20, min(memory / 4 / max(ranksOnNode, 1), 4 << 30)))
  }
}

extension MemoryBudget: CustomStringConvertible {
  public var description: String { byteCountText(byteCount) }
}

/// `64 MiB`, `1.5 GiB`, `300 B`: an amount of bytes for people.
public func byteCountText(_ byteCount: Int) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  var amount = Double(byteCount)
  var unit = 0
  while amount.magnitude >= 1024, unit < units.count - 1 {
    amount /= 1024
    unit += 1
  }
  let tenths = (amount * 10).rounded()
  let text = unit == 0 || tenths.remainder(dividingBy: 10) == 0 ? "\(Int((tenths / 10).rounded()))" : "\(tenths / 10)"
  return "\(text) \(units[unit])"
}
