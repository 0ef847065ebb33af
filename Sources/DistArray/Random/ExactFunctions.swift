// Logarithm, exponential and the normal quantile from additions, multiplications, divisions and square roots alone:
// the same bits on every processor and with every C library, which random arrays promise.

/// Natural logarithm of a positive, finite, normal number, within two units in the last place.
///
/// x = m * 2^e with m in [√½, √2); ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m - 1) / (m + 1), |s| < 0.172.
@inline(__always)
func exactLog(_ x: Double) -> Double {
  var bits = x.bitPattern
  // Taking the exponent of x / √½ puts the mantissa around one.
  let exponent = Int64(bitPattern: bits &- 0x3FE6_A09E_667F_3BCD) >> 52
  bits &-= UInt64(bitPattern: exponent << 52)
  let f = Double(bitPattern: bits) - 1
  let s = f / (2 + f)
  let z = s * s
  var series = 1.0 / 23
  series = series * z + 1.0 / 21
  series = series * z + 1.0 / 19
  series = series * z + 1.0 / 17
  series = series * z + 1.0 / 15
  series = series * z + 1.0 / 13
  series = series * z + 1.0 / 11
  series = series * z + 1.0 / 9
  series = series * z + 1.0 / 7
  series = series * z + 1.0 / 5
  series = series * z + 1.0 / 3
  // 2 s = f - s f, which keeps the leading term exact.
  let mantissa = f - s * (f - 2 * z * series)
  let e = Double(exponent)
  return e * lnTwoHigh + (mantissa + e * lnTwoLow)
}

/// e to the power of x, within two units in the last place; 0 below -708 and infinity above 709.
///
/// x = n ln 2 + r with |r| <= 0.347; Taylor's series of r.
@inline(__always)
func exactExp(_ x: Double) -> Double {
  if x < -708 { return 0 }
  if x > 709 { return .infinity }
  let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
  let r = (x - n * lnTwoHigh) - n * lnTwoLow
  var series = 1.0 / 14
  for k in stride(from: 13.0, through: 1, by: -1) { series = (1 + series * r) / k }
  return Double(sign: .plus, exponent: Int(n), significand: 1 + series * r)
}

/// ln 2 with the last 32 bits zero, whose products with exponents are exact, and the rest.
private let lnTwoHigh = 0x1.62e42feep-1
private let lnTwoLow = 0x1.a39ef35793c76p-33

/// ln Γ(x) for x >= 1, to about 5e-15 of max(1, result).
///
/// Stirling's series from 8 upwards; below, Γ(x) = Γ(x + n) / (x (x + 1) … (x + n - 1)).
func exactLogGamma(_ x: Double) -> Double {
  var product = 1.0
  var shifted = x
  while shifted < 8 {
    product *= shifted
    shifted += 1
  }
  let inverse = 1 / shifted
  let z = inverse * inverse
  // Bernoulli's numbers over 2k (2k - 1).
  var series = -3617.0 / 122400
  series = series * z + 1.0 / 156
  series = series * z - 691.0 / 360360
  series = series * z + 1.0 / 1188
  series = series * z - 1.0 / 1680
  series = series * z + 1.0 / 1260
  series = series * z - 1.0 / 360
  series = series * z + 1.0 / 12
  let halfLogTwoPi = 0.9189385332046728
  return (shifted - 0.5) * exactLog(shifted) - shifted + halfLogTwoPi + series * inverse - exactLog(product)
}

/// The number below which a standard normal variable lies with probability `p`, 0 < p < 1; relative error about 1e-15.
///
/// Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
/// (1988), PPND16: its three rational functions of degree seven.
@inline(__always)
func normalQuantile(_ p: Double) -> Double {
  let q = p - 0.5
  if q.magnitude <= 0.425 {
    let r = 0.180625 - q * q
    return q
      * rational(
        r, (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125),
        (45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
        (1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077),
        (21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610))
  }
  let r = (-exactLog(q < 0 ? p : 1 - p)).squareRoot()
  let magnitude: Double
  if r <= 5 {
    magnitude = rational(
      r - 1.6, (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504),
      (1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4),
      (1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550),
      (0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9))
  } else {
    magnitude = rational(
      r - 5, (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230),
      (0.0265321895265761230930, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
      (1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525),
      (7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15))
  }
  return q < 0 ? -magnitude : magnitude
}

private typealias Four = (Double, Double, Double, Double)

/// A quotient of polynomials, coefficients in ascending order.
@inline(__always)
private func rational(_ x: Double, _ a: Four, _ b: Four, _ c: Four, _ d: Four) -> Double {
  polynomial(x, a, b) / polynomial(x, c, d)
}

@inline(__always)
private func polynomial(_ x: Double, _ a: Four, _ b: Four) -> Double {
  ((((((b.3 * x + b.2) * x + b.1) * x + b.0) * x + a.3) * x + a.2) * x + a.1) * x + a.0
}
