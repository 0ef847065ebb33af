// Arithmetic modulo the prime 2^61 - 1, for the content digest.

/// Numbers below 2^61 - 1, as plain words.
enum Mersenne61 {
  static let prime: UInt64 = (1 << 61) - 1

  static func add(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let sum = a + b
    return sum >= prime ? sum - prime : sum
  }

  static func multiply(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    // 2^61 is congruent to 1: the product's upper 61 bits are added to its lower 61.
    return add(reduced(low & prime), reduced(high << 3 | low >> 61))
  }

  static func power(_ base: UInt64, _ exponent: Int) -> UInt64 {
    precondition(exponent >= 0, "an exponent of zero or more")
    var result: UInt64 = 1
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = multiply(result, square) }
      square = multiply(square, square)
      rest >>= 1
    }
    return result
  }

  /// 1 + ratio + ratio^2 + … with `count` terms, in O(log count).
  static func geometricSum(_ ratio: UInt64, count: Int) -> UInt64 {
    precondition(count >= 0, "a count of zero or more")
    var sum: UInt64 = 0
    var power: UInt64 = 1  // ratio to the number of terms in `sum`
    for bit in stride(from: Int.bitWidth - 1 - max(count, 1).leadingZeroBitCount, through: 0, by: -1) {
      sum = add(sum, multiply(sum, power))
      power = multiply(power, power)
      if count >> bit & 1 == 1 {
        sum = add(sum, power)
        power = multiply(power, ratio)
      }
    }
    return sum
  }

  /// Any word below 2^62.
  static func reduced(_ word: UInt64) -> UInt64 { word >= prime ? word - prime : word }
}
