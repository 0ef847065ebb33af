// Swift's operators on arrays, element by element, with numbers on either side: NumPy's ufuncs by their signs.

infix operator ** : BitwiseShiftPrecedence

extension DistArray {
  /// x + y. NumPy's `add`.
  public static func + (a: DistArray, b: DistArray) -> DistArray { a.applying("add", b) }
  public static func + (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("add", b) }
  public static func + (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("add", after: a) }

  /// x - y. NumPy's `subtract`.
  public static func - (a: DistArray, b: DistArray) -> DistArray { a.applying("subtract", b) }
  public static func - (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("subtract", b) }
  public static func - (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("subtract", after: a) }

  /// x * y. NumPy's `multiply`.
  public static func * (a: DistArray, b: DistArray) -> DistArray { a.applying("multiply", b) }
  public static func * (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("multiply", b) }
  public static func * (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("multiply", after: a) }

  /// x / y: true division, of integers in float64. NumPy's `divide`.
  public static func / (a: DistArray, b: DistArray) -> DistArray { a.applying("divide", b) }
  public static func / (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("divide", b) }
  public static func / (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("divide", after: a) }

  /// x modulo y, with y's sign. NumPy's `remainder`.
  public static func % (a: DistArray, b: DistArray) -> DistArray { a.applying("remainder", b) }
  public static func % (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("remainder", b) }
  public static func % (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("remainder", after: a) }

  /// The bits that both have. NumPy's `bitwise_and`.
  public static func & (a: DistArray, b: DistArray) -> DistArray { a.applying("bitwise_and", b) }
  public static func & (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("bitwise_and", b) }
  public static func & (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("bitwise_and", after: a) }

  /// The bits that one has. NumPy's `bitwise_or`.
  public static func | (a: DistArray, b: DistArray) -> DistArray { a.applying("bitwise_or", b) }
  public static func | (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("bitwise_or", b) }
  public static func | (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("bitwise_or", after: a) }

  /// The bits that differ. NumPy's `bitwise_xor`.
  public static func ^ (a: DistArray, b: DistArray) -> DistArray { a.applying("bitwise_xor", b) }
  public static func ^ (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("bitwise_xor", b) }
  public static func ^ (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("bitwise_xor", after: a) }

  /// x shifted left. NumPy's `left_shift`.
  public static func << (a: DistArray, b: DistArray) -> DistArray { a.applying("left_shift", b) }
  public static func << (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("left_shift", b) }
  public static func << (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("left_shift", after: a) }

  /// x shifted right. NumPy's `right_shift`.
  public static func >> (a: DistArray, b: DistArray) -> DistArray { a.applying("right_shift", b) }
  public static func >> (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("right_shift", b) }
  public static func >> (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("right_shift", after: a) }

  /// Whether x < y. NumPy's `less`.
  public static func < (a: DistArray, b: DistArray) -> DistArray { a.applying("less", b) }
  public static func < (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("less", b) }
  public static func < (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("less", after: a) }

  /// Whether x <= y. NumPy's `less_equal`.
  public static func <= (a: DistArray, b: DistArray) -> DistArray { a.applying("less_equal", b) }
  public static func <= (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("less_equal", b) }
  public static func <= (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("less_equal", after: a) }

  /// Whether x > y. NumPy's `greater`.
  public static func > (a: DistArray, b: DistArray) -> DistArray { a.applying("greater", b) }
  public static func > (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("greater", b) }
  public static func > (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("greater", after: a) }

  /// Whether x >= y. NumPy's `greater_equal`.
  public static func >= (a: DistArray, b: DistArray) -> DistArray { a.applying("greater_equal", b) }
  public static func >= (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("greater_equal", b) }
  public static func >= (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("greater_equal", after: a) }

  /// Whether x equals y, element by element. NumPy's `equal`.
  public static func == (a: DistArray, b: DistArray) -> DistArray { a.applying("equal", b) }
  public static func == (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("equal", b) }
  public static func == (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("equal", after: a) }

  /// Whether x differs from y, element by element. NumPy's `not_equal`.
  public static func != (a: DistArray, b: DistArray) -> DistArray { a.applying("not_equal", b) }
  public static func != (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("not_equal", b) }
  public static func != (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("not_equal", after: a) }

  /// x to the power of y. NumPy's `power`.
  public static func ** (a: DistArray, b: DistArray) -> DistArray { a.applying("power", b) }
  public static func ** (a: DistArray, b: some ArrayOperand) -> DistArray { a.applying("power", b) }
  public static func ** (a: some ArrayOperand, b: DistArray) -> DistArray { b.applying("power", after: a) }

  /// -x. NumPy's `negative`.
  public static prefix func - (a: DistArray) -> DistArray { a.applying("negative") }
  /// x. NumPy's `positive`.
  public static prefix func + (a: DistArray) -> DistArray { a.applying("positive") }
  /// All bits turned; of bools: not x. NumPy's `invert`.
  public static prefix func ~ (a: DistArray) -> DistArray { a.applying("invert") }
  /// Not x, as a bool. NumPy's `logical_not`.
  public static prefix func ! (a: DistArray) -> DistArray { a.applying("logical_not") }
}
