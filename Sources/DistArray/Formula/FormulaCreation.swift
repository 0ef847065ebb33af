// New arrays in formulas: constants, ranges and random numbers, with NumPy's names.

import DAStore

/// A function that makes an array from numbers.
///
/// Random arrays take their size first and need a seed.
enum FormulaCreation: String, CaseIterable {
  case zeros, ones, empty, full, arange, linspace, eye
  case zerosLike = "zeros_like"
  case onesLike = "ones_like"
  case emptyLike = "empty_like"
  case fullLike = "full_like"
  case random, normal, uniform, integers, exponential, poisson, beta, permutation

  var parameters: [String] {
    switch self {
    case .zeros, .ones, .empty: ["shape", "dtype"]
    case .full: ["shape", "fill_value", "dtype"]
    case .arange: ["start", "stop", "step", "dtype"]
    case .linspace: ["start", "stop", "num", "endpoint", "retstep", "dtype"]
    case .eye: ["N", "M", "k", "dtype"]
    case .zerosLike, .onesLike, .emptyLike: ["a", "dtype"]
    case .fullLike: ["a", "fill_value", "dtype"]
    case .random: ["size", "seed", "stream"]
    case .normal: ["size", "loc", "scale", "seed", "stream"]
    case .uniform: ["size", "low", "high", "seed", "stream"]
    case .integers: ["size", "low", "high", "dtype", "seed", "stream"]
    case .exponential: ["size", "scale", "seed", "stream"]
    case .poisson: ["size", "lam", "seed", "stream"]
    case .beta: ["size", "a", "b", "seed", "stream"]
    case .permutation: ["x", "seed", "stream"]
    }
  }
}

/// Arguments of a call by their names.
private typealias Parameters = [String: FormulaSyntax]

extension FormulaEvaluation {
  /// Calls a function that makes an array.
  func made(
    _ creation: FormulaCreation, _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword],
    _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    let given = try bind(creation.parameters, arguments, keywords, node)
    let dtype = try elementType(given["dtype"])
    let array: DistArray
    switch creation {
    case .zeros: array = context.zeros(try axes(needed("shape", given, node)) ?? [], dtype: dtype ?? .float64)
    case .ones: array = context.ones(try axes(needed("shape", given, node)) ?? [], dtype: dtype ?? .float64)
    case .empty: array = context.empty(try axes(needed("shape", given, node)) ?? [], dtype: dtype ?? .float64)
    case .full:
      let value = try filling(needed("fill_value", given, node))
      array = context.full(try axes(needed("shape", given, node)) ?? [], value, dtype: dtype)
    case .arange: array = try range(given, dtype, node)
    case .linspace:
      if let steps = given["retstep"], try flag(steps) { throw failure("a formula has one result", steps) }
      array = context.linspace(
        try number(needed("start", given, node)), try number(needed("stop", given, node)),
        count: try integer(given["num"]) ?? 50, includesStop: try flag(given["endpoint"], otherwise: true),
        dtype: dtype ?? .float64)
    case .eye:
      guard let rows = try integer(needed("N", given, node)) else { throw failure("eye takes a number of rows", node) }
      array = context.eye(
        rows, try integer(given["M"]), diagonal: try integer(given["k"]) ?? 0, dtype: dtype ?? .float64)
    case .zerosLike, .emptyLike: array = context.zeros(like: try self.array(needed("a", given, node)), dtype: dtype)
    case .onesLike: array = context.ones(like: try self.array(needed("a", given, node)), dtype: dtype)
    case .fullLike:
      let value = try filling(needed("fill_value", given, node))
      array = context.full(like: try self.array(needed("a", given, node)), value, dtype: dtype)
    case .random, .normal, .uniform, .integers, .exponential, .poisson, .beta, .permutation:
      array = try randomArray(creation, given, dtype, node)
    }
    return .array(try checked(array, node))
  }

  private func randomArray(
    _ creation: FormulaCreation, _ given: Parameters, _ dtype: DType?, _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    guard let place = given["seed"] else {
      throw failure("random numbers need a seed, such as seed=1, so that the result can be had again", node)
    }
    guard case .integer(let whole) = try value(place), let seed = UInt128(exactly: whole) else {
      throw failure("a seed is an integer from 0 upwards", place)
    }
    var random = context.random(seed: seed)
    if let place = given["stream"] {
      guard let whole = try integer(place), let stream = UInt64(exactly: whole) else {
        throw failure("a stream is an integer from 0 upwards", place)
      }
      random = random.stream(stream)
    }
    if creation == .permutation {
      guard let count = try integer(needed("x", given, node)) else { throw failure("permutation takes a length", node) }
      return random.permutation(count)
    }
    let size = try axes(needed("size", given, node)) ?? []
    switch creation {
    case .normal:
      return random.normal(size, mean: try number(given["loc"]), deviation: try number(given["scale"], otherwise: 1))
    case .uniform:
      return random.uniform(size, from: try number(given["low"]), to: try number(given["high"], otherwise: 1))
    case .integers:
      // As in NumPy, a single bound is the upper one.
      let low = try integer(given["low"]) ?? 0
      if let high = try integer(given["high"]) {
        return random.integers(size, from: low, to: high, dtype: dtype ?? .int64)
      }
      guard given["low"] != nil else { throw failure("integers takes low and high", node) }
      return random.integers(size, from: 0, to: low, dtype: dtype ?? .int64)
    case .exponential: return random.exponential(size, scale: try number(given["scale"], otherwise: 1))
    case .poisson: return random.poisson(size, mean: try number(given["lam"], otherwise: 1))
    case .beta:
      return random.beta(size, a: try number(needed("a", given, node)), b: try number(needed("b", given, node)))
    default: return random.random(size)
    }
  }

  /// `arange(stop)`, `arange(start, stop, step)`: of integers when all of them are.
  private func range(_ given: Parameters, _ dtype: DType?, _ node: FormulaSyntax) throws(FormulaError) -> DistArray {
    var given = given
    if given["stop"] == nil {
      given["stop"] = given["start"]
      given["start"] = nil
    }
    let stop = try needed("stop", given, node)
    var isWhole = true
    for place in [given["start"], stop, given["step"]] {
      if let place, case .real = try value(place) { isWhole = false }
    }
    guard isWhole else {
      return context.arange(
        try number(given["start"]), try number(stop), try number(given["step"], otherwise: 1), dtype: dtype ?? .float64)
    }
    return context.arange(
      try integer(given["start"]) ?? 0, try integer(stop) ?? 0, try integer(given["step"]) ?? 1, dtype: dtype ?? .int64)
  }

  private func needed(_ name: String, _ given: Parameters, _ node: FormulaSyntax) throws(FormulaError) -> FormulaSyntax
  {
    guard let place = given[name] else { throw failure("'\(name)' is missing between the parentheses", node) }
    return place
  }

  /// A value to fill an array with.
  func filling(_ node: FormulaSyntax) throws(FormulaError) -> DistArray.Operand {
    switch try value(node) {
    case .integer(let value):
      if let small = Int(exactly: value) { return .int(small) }
      return .array(try array(.integer(value), node))
    case .real(let value): return .double(value)
    case .complex(let real, let imaginary): return .complex(real: real, imaginary: imaginary)
    case .bool(let value): return .bool(value)
    case let value: return .array(try array(value, node))
    }
  }

  /// An integer; `nil` for an argument that is not given or `None`.
  func integer(_ node: FormulaSyntax?) throws(FormulaError) -> Int? {
    guard let node else { return nil }
    let value = try value(node)
    if case .none = value { return nil }
    guard let integer = value.integer else {
      if case .integer = value { throw failure("an integer beyond 64 bits", node) }
      throw failure("\(value.kindName) where an integer is needed", node)
    }
    return integer
  }

  /// An element type by its name, in quotes or not.
  ///
  /// - Throws: When it names none of the types that are supported.
  func elementType(_ node: FormulaSyntax?) throws(FormulaError) -> DType? {
    guard let node, node.kind != .none else { return nil }
    let name: String
    if case .name(let word) = node.kind {
      name = word
    } else if case .string(let text) = node.kind {
      name = text
    } else {
      throw failure("write the name of an element type, such as 'f4' or int16", node)
    }
    let python = ["int": DType.int64, "float": .float64, "complex": .complex128]
    if let dtype = python[name] { return dtype }
    guard let (dtype, isBigEndian) = DType.parse(name), !isBigEndian else {
      throw FormulaError.unknown("element type", name, at: node.range, in: text, known: DType.allCases.map(\.name))
    }
    return dtype
  }
}
