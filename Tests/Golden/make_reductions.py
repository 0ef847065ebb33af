#!/usr/bin/env python3
"""Writes reductions.json: small awkward arrays and what NumPy says of them. Sums, means and spreads of floats are
computed in extended precision and rounded to the result type, which is what this project promises."""
import base64
import itertools
import json
import os
import warnings

import numpy as np

warnings.simplefilter("ignore")
TYPES = "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()
rng = np.random.default_rng(20240607)


def data(kind, shape, flavour):
    dtype = np.dtype(kind)
    n = int(np.prod(shape))
    if dtype.kind == "b":
        return (rng.integers(0, 3, n) > 0).reshape(shape)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        if flavour == "extreme":
            return rng.choice(np.array([info.min, info.max, 0, 1, info.max - 1], dtype), n).reshape(shape)
        low = -9 if dtype.kind == "i" else 0
        return rng.integers(low, 10, n).astype(dtype).reshape(shape)
    def real():
        x = rng.normal(3, 2, n)
        if flavour == "extreme":
            special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-3])
            x = np.where(rng.random(n) < 0.35, rng.choice(special, n), x)
        return np.where(rng.random(n) < 0.1, 0.0, x)
    x = real() + (1j * real() if dtype.kind == "c" else 0)
    return x.astype(dtype).reshape(shape)


def packed(value, dtype):
    return base64.b64encode(np.ascontiguousarray(value, dtype=dtype).tobytes()).decode()


def mean(x):
    if x.dtype.kind != "c":
        return x.mean(-1)
    # Part by part: NumPy's complex division makes NaNs of infinities.
    parts = np.empty(x.shape[:-1], np.clongdouble)
    parts.real = x.real.mean(-1)
    parts.imag = x.imag.mean(-1)
    return parts


def expected(x, axes, ddof):
    kind = x.dtype.kind
    wide = np.clongdouble if kind == "c" else np.longdouble
    same = x.dtype if kind in "fc" else np.dtype("f8")
    spread = np.dtype({"c8": "f4", "c16": "f8"}.get(x.dtype.str[1:], same.str))
    sum_type = x.dtype if kind in "fc" else np.dtype("u8" if kind == "u" else "i8")
    axis = tuple(axes)
    kept = [a for a in range(x.ndim) if a not in axis]
    # Reduced axes last, as one: positions are row-major over them.
    flat = np.transpose(x, kept + list(sorted(axis)))
    shape = [x.shape[a] for a in kept]
    count = int(np.prod([x.shape[a] for a in axis], dtype=int))
    flat = flat.reshape(shape + [count])
    out = {}

    def put(name, dtype, value):
        try:
            out[name] = packed(value(), dtype)
        except ValueError:
            out[name] = None

    w = flat.astype(wide)
    out["count"] = packed(np.full(shape, count), "i8")
    put("sum", sum_type, lambda: flat.sum(-1) if kind in "biu" else w.sum(-1))
    put("mean", same, lambda: mean(w))
    put("var", spread, lambda: w.var(-1, ddof=ddof))
    put("std", spread, lambda: w.std(-1, ddof=ddof))
    put("min", x.dtype, lambda: flat.min(-1))
    put("max", x.dtype, lambda: flat.max(-1))
    put("argmin", "i8", lambda: flat.argmin(-1))
    put("argmax", "i8", lambda: flat.argmax(-1))
    put("nan_count", "i8", lambda: np.isnan(flat).sum(-1) if kind in "fc" else np.zeros(shape))
    put("inf_count", "i8", lambda: np.isinf(flat).sum(-1) if kind in "fc" else np.zeros(shape))
    put("zero_count", "i8", lambda: (flat == 0).sum(-1))
    return out


cases = []
for kind in TYPES:
    for shape, chunks, flavour in [
        ((), (), "plain"), ((0,), (2,), "plain"), ((0, 3), (1, 2), "plain"), ((41,), (9,), "extreme"),
        ((5, 7), (2, 3), "plain"), ((5, 7), (2, 4), "extreme"), ((3, 4, 5), (2, 3, 2), "extreme"),
    ]:
        x = data(kind, shape, flavour)
        every = [list(a) for k in range(len(shape) + 1) for a in itertools.combinations(range(len(shape)), k)]
        wanted = every if kind in ("i4", "f4", "f8", "c16") else every[-2:]
        for number, axes in enumerate(wanted):
            ddof = number % 2
            cases.append({
                "dtype": kind, "shape": list(shape), "chunks": list(chunks), "data": packed(x, x.dtype),
                "axes": axes, "ddof": ddof, "expected": expected(x, axes, ddof),
            })
histograms = []
for kind in "b1 i1 u2 i4 f2 f4 f8".split():
    x = data(kind, (60,), "plain")
    for bins, span in [(1, None), (7, None), (10, (-1.5, 4.25)), (3, (2, 2))]:
        source = x.astype("f8")
        counts, edges = np.histogram(source, bins, span)
        histograms.append({
            "dtype": kind, "data": packed(x, x.dtype), "bins": bins, "range": span,
            "counts": counts.tolist(), "edges": edges.tolist(),
        })
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reductions.json"), "w") as f:
    json.dump({"numpy": np.__version__, "cases": cases, "histograms": histograms}, f, separators=(",", ":"))
    f.write("\n")
