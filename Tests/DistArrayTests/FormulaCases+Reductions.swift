// Formulas that reduce, accumulate, measure, compare and count, for the comparison with NumPy.

extension FormulaCases {
  static let reductions =
    accumulations + moments + extremes + withoutNaN + cumulations + norms + comparisons

  private static let accumulations = [
    "prod(a)", "prod(a, axis=0)", "prod(a, axis=(0, 2), keepdims=True)", "prod(b)", "prod(b, axis=1)",
    "prod(h, axis=0)", "prod(i)", "prod(i, axis=1)", "prod(u, axis=0)", "prod(k)", "prod(l)", "prod(p)",
    "prod(p, axis=0)", "prod(z)", "prod(w)", "prod(z, axis=0)", "prod(n)", "prod(n, axis=0)", "prod(m, axis=1)",
    "prod(s)", "prod(o)", "prod(x + 4)", "prod(r)", "prod(1 + a * 1e-3, axis=2)", "a.prod(axis=1)",
    "prod(i, initial=3)", "prod(b, axis=0, initial=2.5)", "prod(u, dtype='u1')", "prod(i, axis=0, dtype='f4')",
    "prod(p, dtype=bool)", "prod(abs(b) + 0.5, where=b > 0)", "prod(i, axis=0, where=i > 0)", "sum(a, axis=(0, 2))",
    "sum(a, axis=(0, -1), keepdims=True)", "sum(i, dtype='i1')", "sum(u, axis=0, dtype='u1')", "sum(b, dtype='f8')",
    "sum(b * 100, dtype=int)", "sum(b * 100, axis=1, dtype='i2')", "sum(p, dtype=bool)", "sum(p, axis=1, dtype=bool)",
    "sum(i, dtype=float)", "sum(i, dtype='c8')", "sum(h, axis=0, dtype='f4')", "sum(a, None, 'f4')",
    "sum(i, initial=1.5)", "sum(i, axis=0, initial=10)", "sum(b, initial=1e300)", "sum(b, axis=1, initial=-2)",
    "sum(i, where=i > 2)", "sum(a, axis=1, where=a > 0)", "sum(a, where=q)",
    "sum(b, axis=0, where=i > 0, keepdims=True)", "sum(p, where=q)", "sum(a, axis=0, where=False)", "sum(z, where=p)",
    "sum(r, where=isfinite(r))", "sum(i, axis=1, dtype='f4', where=p, initial=2)", "sum(n, axis=0, initial=3)",
  ]

  private static let moments = [
    "mean(i, dtype=int)", "mean(i, axis=0, dtype=int)", "mean(u, axis=1, dtype='u1')", "mean(i, dtype='i1')",
    "mean(i, dtype='f4')", "mean(b, dtype='f8')", "mean(h, axis=0, dtype='f4')", "mean(p, dtype=bool)",
    "mean(i, dtype='c8')", "mean(z, axis=1, dtype='c8')", "mean(a, where=a > 0)", "mean(b, axis=0, where=b > 0)",
    "mean(i, axis=1, where=p)", "mean(h, axis=0, where=p)", "mean(p, where=q)", "mean(z, axis=0, where=p)",
    "mean(r, where=isfinite(r))", "mean(r, where=r != 0)", "mean(a, axis=(1, 2), where=q, keepdims=True)",
    "mean(i, axis=0, dtype=int, where=p)", "mean(b, axis=0, where=b > 100)", "mean(a, axis=0, where=a > a)",
    "var(i, dtype=int)", "var(i, axis=0, dtype=int)", "std(i, dtype=int)", "std(j, axis=1, dtype=int)",
    "std(i, dtype='f4')", "var(b, axis=0, dtype='f8')", "var(a, dtype='f4')", "var(i, dtype='c8')",
    "var(h, axis=1, dtype='f8', ddof=1)", "var(z, axis=0, dtype='c8')", "var(a, where=a > 0)",
    "var(b, axis=1, where=i > 0)", "var(b, axis=1, where=i > 0, ddof=1)", "std(a, axis=0, where=a > 0, ddof=1)",
    "std(i, where=p)", "std(z, axis=0, where=p)", "var(w, where=q)", "var(r, where=isfinite(r))",
    "var(r, where=r != 0)", "std(b, axis=0, where=b > 1.5, ddof=2)", "var(i, axis=0, dtype=int, where=p)",
    "var(p, where=q)", "mean(cumsum(x))", "nanmean(b, dtype=int)",
  ]

  private static let extremes = [
    "min(a, initial=-100)", "min(a, axis=0, initial=0)", "max(i, axis=1, initial=3)",
    "min(b, axis=0, where=b > 0, initial=9)", "max(u, where=p, initial=0)", "max(i, axis=0, where=p, initial=-5)",
    "min(n, axis=0, initial=4)", "max(m, axis=1, initial=7)", "max(r, where=isfinite(r), initial=-1)",
    "min(p, where=q, initial=True)", "max(z, axis=0, where=p, initial=0)",
    "amin(a, axis=(0, 1), initial=5, keepdims=True)", "all(i, where=i != 0)", "all(i, axis=0, where=p)",
    "any(i, axis=1, where=p)", "any(a > 2, axis=(0, 2), where=q)", "any(a, where=False)", "all(a, where=False)",
    "ptp(a)", "ptp(i, axis=0)", "ptp(u, axis=1, keepdims=True)", "ptp(b, axis=-1)",
    "argmax(a, axis=1, keepdims=True)", "count_nonzero(i, axis=(0, 1))", "min(i, where=p)", "max(a, axis=1, where=q)",
    "min(n)", "any(i, where=i)", "sum(i, axis=(0, 0))", "max(a, axis=3)", "sum(c, where=p)",
  ]

  private static let withoutNaN = [
    "nansum(a)", "nansum(where(a > 0, a, nan), axis=0)", "nansum(where(b > 0, b, nan), axis=1, keepdims=True)",
    "nansum(i)", "nansum(p, axis=0)", "nansum(r)", "nansum(where(p, h, nan), axis=0)", "nansum(where(p, z, nan))",
    "nansum(where(p, z, nan), axis=0)", "nansum(where(p, b, nan), dtype='f8')",
    "nansum(where(p, b, nan), axis=0, initial=2)", "nansum(where(p, b, nan), axis=0, where=i > 0)", "nansum(b * nan)",
    "nanprod(where(b > 0, b, nan), axis=0)", "nanprod(r)", "nanprod(i)", "nanprod(where(p, z, nan), axis=1)",
    "nanprod(b * nan, axis=1)", "nanmean(a)", "nanmean(where(a > 0, a, nan))",
    "nanmean(where(a > 0, a, nan), axis=0)", "nanmean(where(a > 0, a, nan), axis=(0, 2))",
    "nanmean(where(a > 3, a, nan), axis=2, keepdims=True)", "nanmean(where(b > 0, b, nan), axis=0)",
    "nanmean(where(p, h, nan), axis=1)", "nanmean(i)", "nanmean(u, axis=0)", "nanmean(p)", "nanmean(r)",
    "nanmean(where(p, z, nan))", "nanmean(where(p, z, nan), axis=0)", "nanmean(b * nan, axis=0)", "nanmean(n)",
    "nanmean(n, axis=1)", "nanmean(n, axis=0)", "nanmean(where(p, b, nan), dtype='f8')", "nanmean(i, dtype='f4')",
    "nanmean(where(b > 0, b, nan), axis=0, where=i > 0)", "nanmean(where(x > 0, x, nan))", "nanvar(a)",
    "nanvar(where(a > 0, a, nan))", "nanvar(where(a > 0, a, nan), axis=0)",
    "nanvar(where(a > 0, a, nan), axis=1, ddof=1)", "nanvar(where(b > 0, b, nan), axis=0, ddof=2)",
    "nanvar(i, axis=0)", "nanvar(r)", "nanvar(where(p, z, nan), axis=0)", "nanvar(where(p, h, nan))",
    "nanvar(b * nan)", "nanvar(c[:1], ddof=1)", "nanvar(i[0, :1], ddof=1)", "nanvar(where(y > 1e6, y, nan), axis=0)",
    "nanvar(where(p, b, nan), dtype='f8', axis=0, where=i > 0)", "nanstd(where(a > 0, a, nan), axis=(0, 1))",
    "nanstd(where(b > 0, b, nan), axis=1, keepdims=True)", "nanstd(where(p, z, nan))", "nanstd(i)",
    "nanstd(where(x > 0, x, nan), ddof=1)", "nanmin(where(a > 0, a, nan))", "nanmin(where(a > 0, a, nan), axis=0)",
    "nanmax(where(a > 0, a, nan), axis=1)", "nanmin(where(b > 1, b, nan), axis=1)",
    "nanmax(where(b > 0, b, nan), axis=0, keepdims=True)", "nanmin(i)", "nanmax(u, axis=0)",
    "nanmin(where(p, h, nan), axis=0)", "nanmax(r)", "nanmin(r)", "nanmin(b * nan)", "nanmax(b * nan, axis=0)",
    "nanmin(where(p, z, nan), axis=0)", "nanmax(where(p, z, nan))", "nanmin(z * nan)", "nanmin(n)",
    "nanmax(n, axis=1)", "nanmin(where(b > 0, b, nan), axis=0, initial=0.5)",
    "nanmax(where(b > 0, b, nan), axis=0, where=i > 0, initial=0)", "nanmin(where(x > 0, x, nan))",
    "nanargmin(where(a > 0, a, nan))", "nanargmin(where(a > -9, a, nan), axis=0)",
    "nanargmax(where(a > -4, a, nan), axis=1, keepdims=True)", "nanargmax(r)", "nanargmin(i, axis=0)", "nanargmax(u)",
    "nanargmin(where(x > 1, x, nan))", "nanargmin(b * nan)", "nanargmax(where(b > 1, b, nan), axis=1)",
    "nanargmin(n)",
  ]

  private static let cumulations = [
    "cumsum(a)", "cumsum(a, axis=0)", "cumsum(a, axis=1)", "cumsum(a, axis=-1)", "cumsum(b, axis=0)", "cumsum(b)",
    "cumsum(h, axis=1)", "cumsum(i)", "cumsum(i, axis=0)", "cumsum(k, axis=1)", "cumsum(u)", "cumsum(p)", "cumsum(l)",
    "cumsum(j, axis=1)", "cumsum(z, axis=0)", "cumsum(w)", "cumsum(s)", "cumsum(o)", "cumsum(n)", "cumsum(n, axis=0)",
    "cumsum(n, axis=1)", "cumsum(m, axis=1)", "cumsum(r)", "cumsum(x)", "cumsum(y, axis=0)",
    "cumsum(u, axis=0, dtype='u1')", "cumsum(b * 100, axis=1, dtype=int)", "cumsum(p, axis=0, dtype=bool)",
    "cumsum(i, 1, 'f4')", "a.cumsum(axis=2)", "cumsum(a[::-1, ::2], axis=0)", "cumsum(a - mean(a), axis=0)",
    "cumsum(cumsum(a, axis=0), axis=1)", "cumsum(x)[::3] * 2", "cumsum(mean(a, axis=0), axis=1)",
    "cumprod(a, axis=0)", "cumprod(a)", "cumprod(b, axis=1)", "cumprod(i, axis=0)", "cumprod(j, axis=0)",
    "cumprod(u, axis=1)", "cumprod(p, axis=0)", "cumprod(z, axis=1)", "cumprod(w)", "cumprod(x)", "cumprod(x + 4.1)",
    "cumprod(n, axis=0)", "cumprod(k, dtype='i1')", "cumprod(r)", "cumprod(l)", "cumsum(a, axis=3)",
    "cumprod(s, axis=1)",
  ]

  private static let norms = [
    "norm(a)", "norm(b)", "norm(c)", "norm(i)", "norm(z)", "norm(w)", "norm(h)", "np.linalg.norm(b)",
    "linalg.norm(c)", "norm(b, 'fro')", "norm(b, 1)", "norm(b, -1)", "norm(b, inf)", "norm(b, -inf)",
    "norm(b, 1, axis=(1, 0))", "norm(a, inf, axis=(0, 2))", "norm(a, 'fro', axis=(1, 2), keepdims=True)",
    "norm(a, -1, axis=(-1, 0), keepdims=True)", "norm(c, 1)", "norm(c, 2)", "norm(c, 0)", "norm(c, 3)",
    "norm(c, inf)", "norm(c, -inf)", "norm(c, 0.5)", "norm(b, axis=0)", "norm(b, ord=1, axis=1)",
    "norm(b, ord=inf, axis=0, keepdims=True)", "norm(b, ord=0, axis=0)", "norm(z, ord=3, axis=1)",
    "norm(z, ord=0, axis=1)", "norm(z, ord=1, axis=0)", "norm(i, ord=-2, axis=1)", "norm(r, inf)",
    "norm(a, axis=(0, 1))", "norm(a, 1)", "norm(b, 3)", "norm(b, 'fro', axis=0)", "norm(a, axis=(0, 1, 2))",
    "norm(b, axis=(0, 0))", "norm(s)", "norm(n)",
  ]

  private static let comparisons = [
    "allclose(a, a + 1e-9)", "allclose(a, a + 1e-3)", "allclose(b, b * 1.000001)", "allclose(r, r)",
    "allclose(r, r, equal_nan=True)", "isclose(r, r + 1e-9)", "isclose(r, r, equal_nan=True)",
    "isclose(i, i + 1, 0.1)", "isclose(i, u, atol=3)", "isclose(b, 0.5, rtol=0, atol=1)", "isclose(z, z + 1e-10)",
    "isclose(p, q)", "isclose(a, inf)", "allclose(a, c)", "array_equal(a, a)", "array_equal(a, c)",
    "array_equal(i, i.astype('f8'))", "array_equal(r, r)", "array_equal(r, r, equal_nan=True)",
    "array_equal(i, i + p)", "average(a)", "average(a, axis=0)", "average(a, axis=2, weights=abs(c))",
    "average(i, axis=1, weights=arange(6))", "average(b, weights=abs(b))", "average(b, axis=0, weights=i * i + 1)",
    "average(i, axis=0, weights=u.astype('i8') + 1, keepdims=True)", "average(z, axis=0, weights=v)",
    "bincount(u[0])", "bincount(ravel(u))", "bincount(ravel(i) + 9, minlength=30)", "bincount(ravel(p))",
    "bincount(ravel(u), None, 300)", "histogram_bin_edges(a, 7)", "histogram_bin_edges(b, bins=4, range=(-1, 1))",
    "histogram_bin_edges(u)", "histogram_bin_edges(n)", "bincount(i)", "bincount(ravel(i))", "bincount(c)",
    "average(a, weights=c)",
  ]
}
