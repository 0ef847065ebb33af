// The formulas that are compared with NumPy; what their names stand for is made by Tests/Golden/check_formulas.py.

import DAStore

enum FormulaCases {
  static let all =
    operators + promotions + functions + results + statistics + reductions + views + numbers + corners + products
    + productTypes

  private static let operators = [
    "a + b", "a - c", "a * d", "b / i", "i / j", "i // 4", "i // 2.5", "j % 7", "a % 2", "-7 % u", "i % -3", "b ** 2",
    "b ** 3",
    "abs(b) ** 0.5", "i ** 2", "2 ** u.astype('i8') % 97", "2.0 ** i", "-a", "+b", "~i", "~p", "-i", "a < b", "i <= 3",
    "i == k", "i != u", "b >= h", "3 > i", "p & q", "p | q", "p ^ q", "i & 12", "u | 3", "i ^ j", "u << 2", "j >> 3",
    "1 << u % 8",
    "(a > 0) & (b < 1)", "(i < 3) | ~p", "-b ** 2", "(-b) ** 2", "2 - a - c", "a - (b - c)", "a / b / c",
    "-2 * -a + +3",
    "b + b * b - b / (b * b + 1)", "j // i.astype('i8') ** 2 * 2", "z == z.real", "z != w", "u // 0", "i % 0",
    "j // 0 + 1",
  ]

  private static let promotions = [
    "b + 1", "b + 1.5", "b * pi", "h + 1", "h + b", "h + u", "h + i", "u + 1", "u + i", "u + k", "k + 200.0",
    "i + True", "p + 1",
    "p + p", "p * 2.5", "p + q", "u * u", "k - 1", "l + 1", "l + j[0, 0]", "i / 2", "u / u", "b + 1j", "w + 1", "w * b",
    "w * a",
    "z + u", "h * 1j", "i * 1j", "s + b", "t + b", "o + b", "s * i", "t * u", "o + o", "p < 1", "u < 300", "u > -1",
    "k == 1000", "u + 300", "k - 1000",
    "where(p, 1, 2)", "where(p, u, 2)", "where(p, 1.5, b)", "where(i > 0, i, 0.5)", "maximum(u, 3)", "maximum(h, b)",
    "b < 1e300",
  ]

  private static let functions = [
    "sin(a)", "cos(b)", "tan(c)", "arcsin(v)", "arccos(v)", "arctan(b)", "arctan2(a, b)", "sinh(b)", "cosh(c)",
    "tanh(h)",
    "arcsinh(b)", "arccosh(v + 1)", "arctanh(v)", "exp(b)", "exp2(c)", "expm1(b)", "log(v)", "log2(v)", "log10(v)",
    "log1p(v)",
    "sqrt(abs(b))", "cbrt(a)", "square(i)", "abs(i)", "absolute(z)", "sign(a)", "sign(i)", "floor(a)", "ceil(b)",
    "trunc(a)",
    "rint(a * 2)", "reciprocal(c)", "negative(u)", "positive(i)", "isnan(r)", "isinf(r)", "isfinite(r)", "signbit(r)",
    "copysign(c, r)",
    "nextafter(c, r)", "hypot(a, b)", "logaddexp(a, c)", "logaddexp2(c, c)", "maximum(r, c)", "minimum(r, c)",
    "fmax(r, c)", "fmin(r, c)", "fmod(a, 2)", "remainder(a, -2)", "floor_divide(i, 4)", "power(v, 2.5)", "gcd(i, 12)",
    "lcm(i, 4)", "heaviside(r, 0.5)", "ldexp(b, 3)", "deg2rad(b)", "rad2deg(c)", "logical_and(i, u)",
    "logical_or(p, i)",
    "logical_xor(b, p)", "logical_not(i)", "bitwise_and(u, 15)", "invert(u)", "left_shift(i, 1)", "right_shift(u, 1)",
    "clip(a, -1, 1)",
    "clip(i, 0, 5)", "clip(b, c.astype('f4') - 1, 2)", "where(a > b, a, b)", "conjugate(z)", "real(z)", "imag(w)",
    "angle(z)",
    "exp(z)", "sqrt(z)", "log(z)", "sin(w)", "cos(z)", "tan(z)", "z * z", "z / w", "z ** 2", "z - z", "abs(w)",
    "exp(i)", "sin(u)",
    "sqrt(p)", "exp(h) + log(abs(h) + 1)", "np.sin(a) + numpy.cos(a)", "sin(a) * b + sqrt(abs(c))", "isnan(i)",
    "floor(i)", "rint(u)",
    "add(a, b)", "subtract(i, 1)", "multiply(u, u)", "divide(i, 3)", "true_divide(u, 4)", "equal(i, 3)", "less(a, 0)",
    "greater_equal(a, c)",
  ]

  private static let statistics = [
    "sum(a)", "mean(a)", "std(a)", "var(a)", "min(a)", "max(a)", "argmin(a)", "argmax(a)", "sum(a, axis=0)",
    "sum(a, axis=-1)",
    "mean(a, axis=(0, 2))", "mean(b, axis=1)", "std(a, axis=0, ddof=1)", "var(b, ddof=1)",
    "var(a, axis=1, keepdims=True)",
    "max(a, axis=2, keepdims=True)", "argmax(a, axis=1)", "argmin(b, axis=0, keepdims=True)", "sum(i)", "sum(u)",
    "sum(p)", "sum(k, axis=0)",
    "mean(i)", "mean(u, axis=1)", "mean(p)", "std(i)", "var(u)", "min(i, axis=0)", "max(u)", "max(p)", "min(p, axis=0)",
    "sum(h)",
    "mean(h)", "mean(h, axis=0)", "std(h)", "sum(b)", "mean(y, axis=0)", "var(y, axis=0)", "std(y)", "sum(z)",
    "mean(z, axis=0)", "std(z)",
    "var(w)", "all(a > -100)", "any(a > 100)", "all(p, axis=0)", "any(i, axis=1)", "all(i, axis=(0, 1))",
    "count_nonzero(i)",
    "count_nonzero(p, axis=1)", "any(p, axis=0, keepdims=True)", "a.mean()", "a.sum(axis=0)", "b.std(axis=0)",
    "a.max() - a.min()",
    "a - mean(a)", "(a - mean(a, axis=0)) / std(a, axis=0)", "a - a.mean(axis=(1, 2), keepdims=True)",
    "a / max(abs(a), axis=2, keepdims=True)",
    "sqrt(mean(square(a), axis=0))", "mean(where(a > 0, a, 0))", "sum(a > 0)",
    "sum((a - mean(a)) ** 2) / (120 - 1) - var(a, ddof=1)",
    "sum(a[::2] * b, axis=1)", "mean(mean(a, axis=0), axis=0)", "max(mean(a, axis=0)) * a", "sum(a, axis=())",
    "amax(a)", "amin(i, axis=0)",
    "mean(r)", "min(r)", "max(r)", "argmax(r)", "argmin(r)", "sum(x)", "std(x, ddof=1)", "sum(l)", "sum(j * j)",
    "max(l)", "min(j, axis=1)",
  ]

  /// Functions of several results, bounds that are left out, and sizes.
  private static let results = [
    "modf(a)[0]", "modf(r)[1]", "modf(i)[0]", "frexp(b)[0]", "frexp(h)[1]", "frexp(r)[-1]", "divmod(i, 4)[0]",
    "divmod(i, k)[1]", "divmod(a, 2.5)[1]", "divmod(7, u + 1)[0]", "clip(a, None, 1)", "clip(i, 2, None)",
    "a.clip(max=1)",
    "clip(b, a_min=-0.5, a_max=0.5)", "a.clip(0)", "clip(u, None, None)", "sum(i) / i.size", "b * b.ndim",
    "a.reshape(a.shape[0], -1)", "zeros(b.shape)", "modf(a)[2]", "divmod(i)", "clip(a, 1, a_min=2)",
  ]

  private static let views = [
    "a[0]", "a[-1]", "a[1, 2]", "a[1, 2, 3]", "a[::2]", "a[:, ::-1]", "a[..., 0]", "a[1:3, ..., ::2]", "a[None]",
    "b[:, None, :]",
    "b[:, newaxis] + c[None, None]", "a[..., None]", "x[::-3]", "x[30:5:-4]", "x[5:2]", "x[-5:]", "x[:-5]",
    "x[1:] - x[:-1]", "a.T", "b.T + i.T",
    "transpose(a)", "transpose(a, (1, 2, 0))", "a.transpose((2, 0, 1))[1:3]", "squeeze(d)", "squeeze(d, axis=1)",
    "squeeze(d, axis=(1, -1))",
    "flip(a)", "flip(a, axis=1)", "flip(a, (0, -1))", "expand_dims(b, 0)", "expand_dims(b, -1)",
    "broadcast_to(c, (5, 6)) * 2",
    "a[1:3, :, ::-2].T[::2]", "(a + b)[2, 1:4]", "a[::2][::-1][1]", "a[1][2][3]", "x[2:-2] * 2 - x[:-4] - x[4:]",
    "a[2 * 3 - 4]",
    "a.astype('f4')", "b.astype('i4')", "i.astype('u1')", "a.astype('float32') + b", "p.astype('i8')",
    "z.real + z.imag", "w.real", "b.real", "i.imag",
    "u.astype('c8')", "a.astype('bool')", "(a * 100).astype('i2')", "a.T.T - a", "b[1:2] + b", "b[:, 1:2] * i",
    "a[:, :0]", "c[2:2]",
  ]

  private static let numbers = [
    "1 + 2 * 3", "7 // 2", "-7 // 2", "-7 % 3", "7 % -3", "7.5 // 2", "-7.5 % 2", "2 ** 10", "2 ** -1", "2 ** 0.5",
    "1 / 3", "True + True",
    "pi", "e * 1", "inf", "-inf", "nan", "1j * 1j", "(1 + 2j) * (3 - 1j)", "(1 + 2j) / (3 - 1j)", "(1 + 2j) ** 2",
    "1j == 1j", "1j != 1", "True", "False", "~5", "~True",
    "-True", "+True", "True & False", "True | False", "True ^ True", "5 & 3", "1 << 10", "True << 2", "1 < 2",
    "1 == 1.0", "a * (2 * 3)", "u + 5 % 3", "b * 2 ** 0.5",
    "b + (1 < 2)", "1e400", "0x10 + 0b11", "1_000", "1.5e-3", "-2 ** 2", "2 ** 3 ** 2", "1 - 2 - 3", "+1.5", "-1j",
    "+1j", "-0.0", "5.0 % -3", "-5.0 // 3",
    "5.5 % inf", "-5.5 % inf", "1e17 // 0.1", "1e17 % 0.1", "10 ** 18", "9007199254740993 / 3", "0.0 % -2", "2 * -0.0",
    "(-8.0) ** (1 / 3)", "(-8) ** 0.5", "0 ** -1", "10.0 ** 400", "0.0 ** -2.0", "2 ** -2000", "-5 // 0", "5 % 0.0",
    "1 << -1",
    "10 ** 30 / 7", "-(10 ** 30) / 10 ** 37", "1 / (3 ** 60)", "3 ** 70 / 5 ** 40", "18014398509481985 / 1",
    "-2 ** 100 / 3",
  ]

  private static let corners = [
    "s", "t * 2", "s + t", "o", "s[...]", "s[None]", "-s", "sum(s)", "mean(t)", "max(s)", "s * a", "n", "n + 1",
    "n + c", "n * n", "m + i[:0]", "m + j[:, :1]",
    "sum(n)", "sum(n, axis=0)", "sum(n, axis=1)", "mean(n, axis=1)", "mean(n)", "mean(n, axis=0)", "std(n, axis=0)",
    "sum(m, axis=1)", "sum(m)", "all(n)", "any(n)", "all(m, axis=1)",
    "any(m, axis=(0, 2))", "count_nonzero(n)", "min(n, axis=1)", "max(m, axis=2)", "argmax(n, axis=1)", "n.T",
    "m[..., 0]", "n[None] < a[:, :0]", "a[1:1] + b", "sum(a[1:1], axis=0)", "r + 0", "r * 0",
    "0 / r", "r == r", "r < 1", "1 / r", "r // 1", "r % 2", "sqrt(r)", "log(r)", "exp(r)", "sin(r)", "abs(r)",
    "sign(r)", "where(isnan(r), 0, r)", "maximum(r, 0)", "clip(r, -1, 1)", "var(s)", "std(c[:1], ddof=1)",
    "squeeze(a[:1, :1, :1])", "broadcast_to(s, (2, 3))", "broadcast_to(3, (2,))", "transpose(s)", "sin(1)",
    "sin(pi / 2)", "maximum(1, 2.5)", "sqrt(4)", "where(True, 1, 2)", "sum(3)", "abs(-3)", "add(2, 3)", "sqrt(True)",
  ]

  private static let products = [
    "a @ b.T", "b @ b.T", "b @ c", "c @ b.T", "c @ c", "a @ c", "c @ transpose(a, (0, 2, 1))", "i @ i.T", "k @ k.T",
    "u @ u.T", "p @ p.T", "p @ q", "q @ q", "z @ z.T", "w @ z.T", "z @ w", "w @ w", "h @ h.T", "h @ h[0]", "l @ l",
    "l @ i.T", "u @ l", "j @ transpose(j, (0, 2, 1))", "j @ i.T", "j.astype('i2') @ i.T.astype('i2')",
    "transpose(a, (0, 2, 1)) @ a", "a[:, None] @ transpose(a, (0, 2, 1))", "n @ b.T", "n.T @ n", "m @ i.T",
    "b[:, :0] @ b.T[:0]", "b[:1] @ b.T", "b @ b[:1].T", "b[::-1, ::2] @ b.T[::2]", "(b @ b.T) @ (b @ b.T)",
    "b @ b.T + 1", "sum(b @ b.T)", "(c * b) @ (a + 1)[0].T", "matmul(a, b.T)", "matmul(c, c)", "np.matmul(p, p.T)",
    "dot(a, b.T)", "dot(b, 2)", "dot(s, a)", "dot(3, 4)", "dot(c, c)", "dot(a, c)", "dot(c, b.T)",
    "dot(a, transpose(a, (0, 2, 1)))", "a.dot(c)", "inner(b, b)", "inner(c, a)", "inner(s, b)", "inner(a, b)",
    "outer(c, c)", "outer(b, c)", "outer(i, u)", "outer(s, c)", "vdot(z, z)", "vdot(w, w)", "vdot(b, b)", "vdot(i, u)",
    "vdot(z, b)", "tensordot(a, b)", "tensordot(a, b, 2)", "tensordot(a, a, axes=([0, 1], [0, 1]))",
    "tensordot(a, b, axes=(2, 1))", "tensordot(b, c, 0)", "tensordot(j, i, axes=([2], [1]))",
    "tensordot(a, a, axes=([2, 0, 1], [2, 0, 1]))", "tensordot(n, n, axes=([1], [1]))",
    "vdot(b, c)", "tensordot(a, b, axes=1)", "tensordot(a, b, axes=4)", "tensordot(a, b, axes=([0, 1], [0]))",
    "matmul(b, b)", "b @ 2", "2 @ 3", "matmul(s, s)", "a @ x", "a[:2] @ transpose(a[:3], (0, 2, 1))", "dot(a, b)",
    "inner(a, x)", "dot(b)", "matmul(b, axis=0)",
  ]

  /// The product of matrices of every pair of element types.
  private static let productTypes = DType.allCases.flatMap { a in
    DType.allCases.map { b in "abs(i).astype('\(a.name)') @ abs(i).T.astype('\(b.name)')" }
  }
}
