// Random arrays of a seed: the element at a global index depends on the seed, the stream and the index, on nothing
// else.

import DAStore
import MessagePassing

/// Makes random arrays, lazily, like NumPy's `Generator(Philox(seed))` but without a state.
///
/// The same call gives the same array, on any number of ranks, with any chunks, whole or in parts; what is wanted
/// independent of it is taken from another ``stream(_:)``. ``random(_:)`` and ``uniform(_:from:to:)`` give what NumPy 2
/// gives, bit for bit. The other distributions do not: NumPy's use as many words of one sequence as each element
/// happens to need, so that an element cannot be had without those before it. Only additions, multiplications,
/// divisions and square roots are used: every machine makes the same bits.
public struct RandomArrays {
  let context: Context
  let sequence: SeedSequence
  let philox: Philox

  init(context: Context, sequence: SeedSequence) {
    self.context = context
    self.sequence = sequence
    philox = Philox(key: sequence.key)
  }

  /// Arrays that are independent of this one's: a stream per purpose, member of an ensemble, or time step.
  ///
  /// - Parameter number: Stream n of a seed is child n that NumPy's `SeedSequence(seed).spawn` makes.
  public func stream(_ number: UInt64) -> RandomArrays {
    RandomArrays(context: context, sequence: sequence.stream(number))
  }

  /// float64 in [0, 1): multiples of 2^-53. NumPy's `Generator.random`, bit for bit.
  public func random(_ shape: [Int]) -> DistArray {
    made(UniformElements(philox: philox, low: 0, range: 1), shape, "random")
  }

  /// float64 in [low, high): low + (high - low) * ``random(_:)``. NumPy's `Generator.uniform`, bit for bit.
  public func uniform(_ shape: [Int], from low: Double = 0, to high: Double = 1) -> DistArray {
    guard low <= high, (high - low).isFinite else {
      return refused("uniform numbers need low <= high, and a finite range; not \(low) and \(high)")
    }
    return made(UniformElements(philox: philox, low: low, range: high - low), shape, "uniform")
  }

  /// float64, normally distributed around 0 with deviation 1; none lies farther out than 8.3.
  public func standardNormal(_ shape: [Int]) -> DistArray { normal(shape) }

  /// float64, normally distributed: the quantile of one uniform number per element.
  public func normal(_ shape: [Int], mean: Double = 0, deviation: Double = 1) -> DistArray {
    guard deviation >= 0, deviation.isFinite, mean.isFinite else {
      return refused("normal numbers need a finite mean and a finite deviation >= 0; not \(mean) and \(deviation)")
    }
    return made(NormalElements(philox: philox, mean: mean, deviation: deviation), shape, "normal")
  }

  /// float64, exponentially distributed with this mean.
  public func exponential(_ shape: [Int], scale: Double = 1) -> DistArray {
    guard scale >= 0, scale.isFinite else {
      return refused("exponential numbers need a finite scale >= 0; not \(scale)")
    }
    return made(ExponentialElements(philox: philox, scale: scale), shape, "exponential")
  }

  /// int64: how many events happen where `mean` are expected.
  ///
  /// - Parameter mean: From 0 to 2^40: beyond, rounding in the probabilities would show.
  public func poisson(_ shape: [Int], mean: Double = 1) -> DistArray {
    guard mean >= 0, mean <= 0x1p40 else { return refused("Poisson numbers need a mean from 0 to 2^40; not \(mean)") }
    return made(PoissonElements(philox: philox, mean: mean), shape, "poisson")
  }

  /// float64 in [0, 1] with density proportional to x^(a - 1) (1 - x)^(b - 1).
  ///
  /// - Parameters a and b: From 1e-300 to 2^40.
  public func beta(_ shape: [Int], a: Double, b: Double) -> DistArray {
    guard (1e-300...0x1p40).contains(a), (1e-300...0x1p40).contains(b) else {
      return refused("beta numbers need a and b from 1e-300 to 2^40; not \(a) and \(b)")
    }
    return made(BetaElements(philox: philox, a: a, b: b), shape, "beta")
  }

  /// Integers from `low` to `high - 1`, all equally likely.
  ///
  /// - Parameter dtype: An integer type that holds them.
  public func integers(
    _ shape: [Int], from low: some BinaryInteger = 0, to high: some BinaryInteger, dtype: DType = .int64
  ) -> DistArray {
    guard let range = dtype.integerRange else { return refused("integers cannot be \(dtype.name)") }
    guard let first = Int128(exactly: low), let end = Int128(exactly: high), first < end,
      range.contains(first), range.contains(end - 1)
    else {
      return refused("integers need low < high within the range of \(dtype.name); not \(low) and \(high)")
    }
    let elements = IntegerElements(
      philox: philox, low: Int64(truncatingIfNeeded: first), count: UInt64(truncatingIfNeeded: end - first))
    return made(elements, shape, "integers").astype(dtype)
  }

  /// int64: each of 0 … n - 1, drawn with replacement; the same as ``integers(_:from:to:dtype:)``.
  public func choice(_ n: Int, _ shape: [Int]) -> DistArray { integers(shape, from: 0, to: n) }

  /// int64: 0 … n - 1 in a random order.
  ///
  /// A keyed bijection, not NumPy's shuffle: an element is had without the others, so that n may be of any size.
  public func permutation(_ n: Int) -> DistArray { made(PermutationElements(philox, count: n), [n], "permutation") }

  private func made(_ elements: any ComputedElements, _ shape: [Int], _ name: String) -> DistArray {
    context.computed(elements, shape: shape, name: name)
  }

  private func refused(_ message: String) -> DistArray {
    DistArray(.failure(StoreError(.invalidArgument, message)), context: context)
  }
}

extension Context {
  /// Random arrays of a seed; any number is as good as any other. Local.
  public func random(seed: UInt128) -> RandomArrays {
    RandomArrays(context: self, sequence: SeedSequence(entropy: seed))
  }

  /// Random arrays that no other run has, the same on all ranks.
  ///
  /// - Returns: The arrays and the seed that makes them again.
  /// - Throws: `.messagePassing`.
  /// - Collective: yes; rank 0 takes the seed from the system.
  public func random() throws(StoreError) -> (arrays: RandomArrays, seed: UInt128) {
    var words: [UInt64] = [0, 0]
    if communicator.rank == 0 { words = [.random(in: 0...(.max)), .random(in: 0...(.max))] }
    try passing { () throws(MPIError) in try communicator.broadcast(&words, from: 0) }
    let seed = UInt128(words[0]) << 64 | UInt128(words[1])
    return (random(seed: seed), seed)
  }
}
