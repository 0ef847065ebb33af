// Conversion of element types as a loop: what promotion needs before another loop runs, and `astype`.

import DAStore

extension UfuncLoop {
  /// The loop that converts `source` elements to `target`, as NumPy's `astype` does; every pair of types has one.
  ///
  /// Integers wrap, floats round to nearest even (once, also float64 to float16), fractions are cut towards zero,
  /// complex numbers lose their imaginary parts, everything but zero is true. A float without a place in an integer
  /// type, which C leaves undefined, gives the same on every processor: NaN, infinities and what is out of range are
  /// -2^63 as int64, 2^63 as uint64, -2^31 as int32; other types wrap as from int64 (uint32) or int32 (those of 8 and
  /// 16 bits), which makes them 0 where that is out of range, too; negative numbers wrap in unsigned types.
  /// `castElements` is the conversion that refuses all these.
  public static func cast(from source: DType, to target: DType) -> UfuncLoop {
    cast(from: source, to: target, level: KernelLevel.best)
  }

  static func cast(from source: DType, to target: DType, level: Int32) -> UfuncLoop {
    let signature = UfuncSignature(name: "astype", inputs: [source], outputs: [target])
    return CompiledLoops.at(level: level).loop(signature, scalars: [nil])
  }
}
