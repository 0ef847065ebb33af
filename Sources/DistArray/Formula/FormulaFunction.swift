// The functions that formulas can call: ufuncs, statistics, products, new arrays, and other views of an
// array.

import DAStore

/// What a name before parentheses stands for.
enum FormulaFunction {
  case ufunc(String)
  case reduction(FormulaReduction)
  case view(View)
  case creation(FormulaCreation)
  case astype
  case retyping
  case shaping(Shaping)
  case product(Product)
  case picking(Picking)

  enum View: String, CaseIterable {
    case transpose, squeeze, flip
    case expandDims = "expand_dims"
    case broadcastTo = "broadcast_to"
  }

  enum Shaping: String, CaseIterable {
    case concatenate, stack, roll, pad, reshape, ravel, swapaxes, moveaxis, tile
    case repetition = "repeat"
  }

  enum Product: String, CaseIterable { case dot, matmul, inner, outer, vdot, tensordot }
  enum Picking: String, CaseIterable {
    case take, compress, diagonal, nonzero, argwhere, flatnonzero
    case takeAlongAxis = "take_along_axis"
  }

  init?(name: String) {
    if let reduction = FormulaReduction(rawValue: name) {
      self = .reduction(reduction)
    } else if let view = View(rawValue: name) {
      self = .view(view)
    } else if let creation = FormulaCreation(rawValue: name) {
      self = .creation(creation)
    } else if let shaping = Shaping(rawValue: name) {
      self = .shaping(shaping)
    } else if let product = Product(rawValue: name) {
      self = .product(product)
    } else if let picking = Picking(rawValue: name) {
      self = .picking(picking)
    } else if name == "astype" {
      self = .astype
    } else if name == "view" {
      self = .retyping
    } else if let ufunc = UfuncTable[name] {
      self = .ufunc(ufunc.name)
    } else {
      return nil
    }
  }

  init?(attribute name: String) {
    switch name {
    case "T": self = .view(.transpose)
    case "real", "imag": self = .ufunc(name)
    default: return nil
    }
  }

  /// All names, for suggestions.
  static var names: [String] {
    UfuncTable.all.flatMap { [$0.name, $0.alias].compactMap { $0 } }
      + FormulaReduction.allCases.map(\.rawValue)
      + View.allCases.map(\.rawValue) + FormulaCreation.allCases.map(\.rawValue)
      + Shaping.allCases.map(\.rawValue) + Product.allCases.map(\.rawValue)
      + Picking.allCases.map(\.rawValue) + ["astype", "view"]
  }

  /// Names of the keyword arguments that it takes, in the order in which they may also be given without a name.
  var parameters: [String] {
    switch self {
    case .ufunc: []
    case .reduction(let reduction): reduction.parameters
    case .view(.transpose): ["axes"]
    case .view(.squeeze), .view(.flip), .view(.expandDims): ["axis"]
    case .view(.broadcastTo): ["shape"]
    case .creation(let creation): creation.parameters
    case .astype, .retyping: ["dtype"]
    case .shaping(.concatenate), .shaping(.stack): ["axis"]
    case .shaping(.roll): ["shift", "axis"]
    case .shaping(.pad): ["pad_width", "mode", "constant_values"]
    case .shaping(.reshape): ["shape"]
    case .shaping(.ravel): []
    case .shaping(.swapaxes): ["axis1", "axis2"]
    case .shaping(.moveaxis): ["source", "destination"]
    case .shaping(.tile): ["reps"]
    case .shaping(.repetition): ["repeats", "axis"]
    case .product(.tensordot): ["axes"]
    case .product: []
    case .picking(.take): ["indices", "axis", "mode"]
    case .picking(.compress): ["axis"]
    case .picking(.takeAlongAxis): ["indices", "axis"]
    case .picking(.diagonal): ["offset", "axis1", "axis2"]
    case .picking: []
    }
  }
}

extension FormulaEvaluation {
  /// Calls a function.
  ///
  /// - Parameter object: What stands before the name of a method: its first argument.
  func call(
    _ function: FormulaFunction, on object: (value: FormulaValue, node: FormulaSyntax)?, _ arguments: [FormulaSyntax],
    _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    if case .ufunc("where") = function, object == nil, arguments.count == 1, keywords.isEmpty {
      return try picked(.nonzero, on: nil, arguments, [], node)
    }
    if case .picking(let picking) = function { return try picked(picking, on: object, arguments, keywords, node) }
    if case .ufunc(let name) = function { return try elementwise(name, on: object, arguments, keywords, node) }
    if case .shaping(let shaping) = function {
      return .array(try checked(try shaped(shaping, on: object, arguments, keywords, node), node))
    }
    if case .product(let product) = function {
      return .array(try checked(try multiplied(product, on: object, arguments, keywords, node), node))
    }
    if case .reduction(let reduction) = function {
      return .array(try checked(try reduced(reduction, on: object, arguments, keywords, node), node))
    }
    if case .creation(let creation) = function {
      guard object == nil else { throw failure("is a function, not a method of arrays", node) }
      return try made(creation, arguments, keywords, node)
    }
    let base: DistArray
    var others = arguments[...]
    if let object {
      base = try array(object.value, object.node)
    } else {
      guard let first = others.popFirst() else { throw failure("an array is missing between the parentheses", node) }
      base = try array(first)
    }
    let parameters = try bind(function.parameters, Array(others), keywords, node)
    switch function {
    case .ufunc, .creation, .shaping, .reduction, .product, .picking:
      throw failure("a function of other arguments was called as one of an array", node)
    case .view(let view): return .array(try checked(try seen(base, view, parameters, node), node))
    case .astype:
      guard let dtype = try elementType(parameters["dtype"]) else {
        throw failure("astype takes the name of an element type, such as 'f4' or 'int16'", node)
      }
      return .array(try checked(base.astype(dtype), node))
    case .retyping:
      guard object != nil else { throw failure("'view' is a method of arrays: x.view('i2')", node) }
      guard let dtype = try elementType(parameters["dtype"]) else { return .array(base) }
      return .array(try checked(base.viewed(as: dtype), node))
    }
  }

  private func seen(
    _ base: DistArray, _ view: FormulaFunction.View, _ parameters: [String: FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    switch view {
    case .transpose: return base.transposed(try axes(parameters["axes"]))
    case .squeeze: return base.squeezed(axes: try axes(parameters["axis"]))
    case .flip: return base.flipped(axes: try axes(parameters["axis"]))
    case .expandDims:
      guard let list = try axes(parameters["axis"]) else { throw failure("expand_dims takes an axis", node) }
      return base.expandingDimensions(at: list)
    case .broadcastTo:
      guard let shape = try axes(parameters["shape"]) else { throw failure("broadcast_to takes a shape", node) }
      return base.broadcast(to: shape)
    }
  }

  /// Puts arguments and keywords under their names.
  func bind(
    _ names: [String], _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> [String: FormulaSyntax] {
    var bound: [String: FormulaSyntax] = [:]
    for (place, argument) in arguments.enumerated() {
      guard place < names.count else { throw failure("one argument too many", argument) }
      bound[names[place]] = argument
    }
    for keyword in keywords {
      guard names.contains(keyword.name) else {
        throw FormulaError.unknown("keyword argument", keyword.name, at: keyword.nameRange, in: text, known: names)
      }
      guard bound.updateValue(keyword.value, forKey: keyword.name) == nil else {
        throw failure("'\(keyword.name)' is given twice", keyword.value)
      }
    }
    return bound
  }

  /// An axis, several, or `None`.
  func axes(_ node: FormulaSyntax?) throws(FormulaError) -> [Int]? {
    guard let node else { return nil }
    switch try value(node) {
    case .none: return nil
    case .list(let values):
      var axes: [Int] = []
      for value in values {
        guard let axis = value.integer else { throw failure("\(value.kindName) where an integer is needed", node) }
        axes.append(axis)
      }
      return axes
    case let value:
      guard let axis = value.integer else { throw failure("\(value.kindName) where an axis is needed", node) }
      return [axis]
    }
  }

  func flag(_ node: FormulaSyntax?, otherwise standard: Bool = false) throws(FormulaError) -> Bool {
    guard let node else { return standard }
    guard case .bool(let flag) = try value(node) else { throw failure("write True or False", node) }
    return flag
  }

  func number(_ node: FormulaSyntax?, otherwise standard: Double = 0) throws(FormulaError) -> Double {
    guard let node else { return standard }
    switch try value(node) {
    case .integer(let value): return Double(value)
    case .real(let value): return value
    case let value: throw failure("\(value.kindName) where a number is needed", node)
    }
  }
}
