// DistArray's tests of elements, slices, functions and operators, on arrays in memory of every kind of distribution.

import DAStore
import DistArray
import MessagePassing

/// a[i], a[-i], a[i, j] and a[-i, -j], read and written; indices outside; iteration.
func elements(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  for shape in [[10], [10, 11]] {
    for distribution in try distributions(shape, over: world.size) {
      let what = "\(distribution)"
      let array = try context.fromFunction(as: distribution) { Double(elementNumber($0, in: shape)) }
      for place in 0..<10 {
        let index = shape.map { ($0 - 1) * place / 9 }
        let negative = zip(index, shape).map { $0 - $1 }
        let number = Double(elementNumber(index, in: shape))
        try requireEqual(array.value(at: index, as: Double.self), number, what)
        try requireEqual(array.value(at: negative, as: Double.self), number, what)
        try array.setElement(at: place % 2 == 0 ? index : negative, to: ElementValue(-number))
        try requireEqual(array.value(at: index, as: Double.self), -number, what)
      }
      if shape == [10] {
        let all = try (0..<10).map { try array.value(at: [$0], as: Double.self) }
        try requireEqual(all, (0..<10).map { -Double($0) }, what)
      }
      for axis in shape.indices {
        for wrong in [shape[axis], 11 + axis, -shape[axis] - 1] {
          var index = shape.map { _ in 0 }
          index[axis] = wrong
          let text = "index \(wrong) is out of bounds for axis \(axis) with size \(shape[axis])"
          let read = try requireSameFailure(world, "reading") { _ = try array.element(at: index) }
          let written = try requireSameFailure(world, "writing") {
            try array.setElement(at: index, to: ElementValue(1.0))
          }
          try require(read.message.contains(text) && written.message.contains(text), read.message)
        }
      }
    }
  }
  for distribution in try distributions([], over: world.size) {
    let scalar = try context.full(as: distribution, ElementValue(55.0))
    try requireEqual(scalar.value(at: [], as: Double.self), 55, "a[()]")
    try scalar.setElement(at: [], to: ElementValue(99.0))
    try requireEqual(try scalar.toArray().values(as: Double.self), [99], "a[()] = 99")
  }
}

/// Slices of slices, steps, missing axes, ellipses and nothing at all.
func slices(_ world: Communicator) throws {
  let formulas = [
    "x[:]", "x[0:2]", "x[:9][0:5][:2]", "x[-2:]", "x[::2]", "x[::-3]", "x[2:6, 3:10]", "x[-6:-2, -10:-3]", "x[3:9]",
    "x[1]", "x[-1, -2]", "x[100:]", "x[100:, 100:]", "x[..., 2]", "x[2, ...]", "x[...]", "x[5:10:3, 15:5:-2]",
    "x[5:5, :]",
    "x[[3, 0, -1], ::4]", "x[x > 250]",
  ]
  let context = try behaviourContext(world)
  let alone = try behaviourContext(.serial)
  let source = try MemoryDataset((0..<300).map(Double.init), shape: [15, 20])
  let expected = try formulas.map {
    try alone.evaluate(FormulaEvaluation.array($0, ["x": alone.array(source)], in: alone))
  }
  for distribution in try distributions([15, 20], over: world.size) {
    let array = try context.array(source).distribute(as: distribution).array()
    let found = try context.evaluate(formulas.map { try FormulaEvaluation.array($0, ["x": array], in: context) })
    for (number, formula) in formulas.enumerated() {
      try requireEqual(found[number], expected[number], "\(formula) of \(distribution)")
    }
  }
}

/// Parts written, on and off the borders of ranks; the array is dealt out again, and so is what was written.
func assignment(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  for distribution in try distributions([15, 20], over: world.size) {
    let what = "\(distribution)"
    var values = (0..<300).map(Double.init)
    let source = try context.fromFunction(as: distribution) { Double(elementNumber($0, in: [15, 20])) }
    var array = try source.array()
    array[1..<4] = context.full([3, 20], 1.0)
    array[.stride(from: 5, to: 10, by: 3), .stride(from: 5, to: 15, by: 2)] = -1
    array[4] = try context.array((0..<20).map(Double.init))
    array[.all, 2] = 5
    array[12..<14, 10...] = try source.array()[0..<2, PartialRangeUpTo(10)]
    array[-1, -1] = 7
    for place in 20..<80 { values[place] = 1 }
    for row in [5, 8] { for column in [5, 7, 9, 11, 13] { values[row * 20 + column] = -1 } }
    for column in 0..<20 { values[80 + column] = Double(column) }
    for row in 0..<15 { values[row * 20 + 2] = 5 }
    for row in 0..<2 { for column in 0..<10 { values[(12 + row) * 20 + 10 + column] = Double(row * 20 + column) } }
    values[299] = 7
    let again = try array.distribute(as: distribution)
    try requireElements(again, what) { values[$0] }
    try requireElements(source, "the array itself, \(what)") { Double($0) }
    array[.ellipsis] = 3
    try requireElements(array.distribute(as: distribution), what) { _ in 3.0 }
  }
  var array = try context.zeros(as: Distribution(shape: [20], rankCount: world.size)).array()
  array[0..<6] = context.ones([10])
  let refused = try requireSameFailure(world, "ten into six") { try array.check() }
  try require(refused.message.contains("from shape (10,) into shape (6,)"), refused.message)
}

private let unary = [
  "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "conjugate", "cos", "cosh", "exp", "expm1",
  "invert", "log", "log10", "log1p", "negative", "reciprocal", "rint", "sign", "sin", "sinh", "sqrt", "square", "tan",
  "tanh",
]
private let binary = [
  "add", "arctan2", "bitwise_and", "bitwise_or", "bitwise_xor", "divide", "floor_divide", "fmod", "hypot", "left_shift",
  "mod", "multiply", "power", "remainder", "right_shift", "subtract", "true_divide", "less", "less_equal", "equal",
  "not_equal", "greater", "greater_equal",
]
private let operators = [
  "<", "<=", "==", "!=", ">", ">=", "+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^",
]

/// DistArray's ufuncs and operators of arrays dealt out differently, bit for bit those of one process.
func functions(_ world: Communicator) throws {
  let formulas =
    unary.map { ["arccos", "arcsin", "arctanh"].contains($0) ? "\($0)(r)" : "\($0)(a)" } + binary.map { "\($0)(a, b)" }
    + operators.flatMap { ["a \($0) b", "a \($0) 3", "12 \($0) a", "a \($0) c"] } + ["-a", "+a", "abs(-a)", "~a"]
  let context = try behaviourContext(world)
  let alone = try behaviourContext(.serial)
  func sources(_ context: Context) throws -> [String: DistArray] {
    [
      "a": context.arange(1, 11), "b": context.full([10], 2), "c": context.arange(10) % 3 + 1,
      "r": context.random(seed: 3).random([10]),
    ]
  }
  let expected = try formulas.map { try alone.evaluate(FormulaEvaluation.array($0, sources(alone), in: alone)) }
  let all = try distributions([10], over: world.size)
  var arrays = try sources(context)
  for (turn, name) in ["a", "b", "c", "r"].enumerated() {
    arrays[name] = try arrays[name]?.distribute(as: all[(turn * 3 + 1) % all.count]).array()
  }
  for ((number, formula), values) in zip(formulas.enumerated(), expected) {
    let result = try FormulaEvaluation.array(formula, arrays, in: context).distribute(as: all[number % all.count])
    try requireEqual(try result.toArray(), values, "\(formula) as \(all[number % all.count])")
  }
}
