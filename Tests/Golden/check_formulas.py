"""Formulas by NumPy itself: what the tests compare with.

    check_formulas.py make FOLDER     writes the arrays that the formulas name, as FOLDER/<name>.npy
    check_formulas.py check FOLDER    computes every line of FOLDER/formulas.txt and compares type, shape and elements
                                      with FOLDER/<line number>.npy, refusals with FOLDER/<line number>.refused;
                                      prints what differs and exits with 1

Elements are equal bit by bit (all NaNs are one), except that functions which NumPy itself rounds only roughly may be
four units in the last place apart, and that statistics of floats may differ by the bounds below from NumPy's of the same
numbers in double precision: in single and half precision NumPy's have larger errors. Which zero is the larger one is
left open, as by NumPy.

A sum of n products, added in any order, is within n roundings of the sum of their sizes (N. J. Higham, Accuracy and
Stability of Numerical Algorithms, 2002, section 3.1): that bounds what products of float arrays may differ by from
NumPy's of the same numbers in double precision. Half precision is added in single and rounded once, at the end.
"""

import os
import re
import sys
import warnings

import numpy as np

ROUNDED = set(
    """exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh
    arctanh acos asin atan cbrt hypot logaddexp logaddexp2 angle power pow deg2rad rad2deg sqrt abs absolute""".split())
SUMS = set(
    """sum mean std var prod nansum nanmean nanstd nanvar nanprod cumsum cumprod norm average""".split())
STATISTICS_BOUND = {2: 1e-3, 4: 2.4e-7, 8: 1e-12}
PRODUCTS = {"dot", "matmul", "inner", "vdot", "tensordot"}
LONGEST_SUM = 128
ZERO_OF_EITHER_SIGN = {"maximum", "minimum", "fmax", "fmin"}


def inputs():
    random = np.random.default_rng(2026)
    normal = random.normal
    integers = random.integers
    yield "a", normal(0, 3, (4, 5, 6))
    yield "b", normal(0, 3, (5, 6)).astype("f4")
    yield "c", normal(0, 3, 6)
    yield "d", normal(0, 3, (4, 1, 1))
    yield "h", normal(0, 3, (5, 6)).astype("f2")
    yield "i", integers(-9, 10, (5, 6)).astype("i4")
    yield "j", integers(-(10**6), 10**6, (4, 5, 6))
    yield "k", integers(-128, 128, (5, 6)).astype("i1")
    yield "u", integers(0, 256, (5, 6)).astype("u1")
    yield "l", integers(0, 2**63, 6).astype("u8") * np.uint64(2)
    yield "p", integers(0, 2, (5, 6)).astype(bool)
    yield "q", np.array([True, False, True, True, False, True])
    yield "z", normal(0, 2, (5, 6)) + 1j * normal(0, 2, (5, 6))
    yield "w", (normal(0, 2, 6) + 1j * normal(0, 2, 6)).astype("c8")
    yield "s", np.array(2.5)
    yield "t", np.array(-7)
    yield "o", np.array(True)
    yield "n", np.zeros((0, 6))
    yield "m", np.zeros((4, 0, 6), "i4")
    yield "r", np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5])
    yield "v", random.uniform(0.1, 0.9, (5, 6))
    yield "x", np.arange(37.0) * 0.25 - 3
    yield "y", normal(1e6, 1, (40, 3)).astype("f4")


def names_in(formula):
    return set(re.findall(r"[a-z][a-z0-9_]*", formula))


def part_bound(found, formula):
    """The largest difference that is allowed beside each element of a float array, or None for none."""
    names = names_in(formula)
    size = found.dtype.itemsize
    if names & SUMS:
        finite = np.abs(found[np.isfinite(found)])
        return STATISTICS_BOUND[size] * (np.max(finite) if finite.size else 0)
    if names & ROUNDED or "**" in formula:
        return 4 * np.abs(np.spacing(found))
    return None


def same(found, expected, formula):
    if found.dtype.kind not in "fc":
        return np.array_equal(found, expected)
    if found.dtype.kind == "c":
        if np.array_equal(found, expected, equal_nan=True):
            return True
        # Bounds hold for the number as a whole: its smaller part may have lost all its digits.
        size = {8: 4, 16: 8}[found.dtype.itemsize]
        if names_in(formula) & SUMS:
            largest = np.max(np.abs(expected[np.isfinite(expected)]), initial=0)
            return np.allclose(found, expected, rtol=0, atol=STATISTICS_BOUND[size] * largest, equal_nan=True)
        return bool(np.all(np.abs(found - expected) <= 8 * np.finfo(f"f{size}").eps * np.abs(expected)))
    nan = np.isnan(expected)
    if not np.array_equal(np.isnan(found), nan):
        return False
    bound = part_bound(expected, formula)
    if bound is not None:
        bound = np.broadcast_to(bound, expected.shape)[~nan]
    f, e = found[~nan], expected[~nan]
    equal = (f == e) & (np.signbit(f) == np.signbit(e))
    if names_in(formula) & ZERO_OF_EITHER_SIGN:
        equal = f == e
    if bound is None:
        return bool(np.all(equal))
    finite = np.isfinite(e) & np.isfinite(f)
    near = np.zeros(e.shape, bool)
    near[finite] = np.abs(f[finite] - e[finite]) <= bound[finite]
    return bool(np.all(equal | near))


def is_product(formula):
    return "@" in formula or bool(names_in(formula) & PRODUCTS)


def near(found, expected, sizes):
    """Whether sums of products differ by no more than their roundings; `sizes` are the sums of the products' sizes."""
    roundings = 2 if found.dtype == np.float16 else LONGEST_SUM
    with np.errstate(over="ignore"):
        allowed = roundings * np.finfo(found.dtype).eps * np.abs(sizes)
    return bool(np.all((found == expected) | (np.abs(found - expected) <= allowed)))


def widen(array):
    return array.astype({"f": "f8", "c": "c16"}.get(array.dtype.kind, array.dtype))


def result(folder, number):
    """The array that was found, or why it was refused."""
    if os.path.exists(f"{folder}/{number}.refused"):
        return open(f"{folder}/{number}.refused").read()
    return np.load(f"{folder}/{number}.npy")


def check(folder):
    names = dict(vars(np), np=np, numpy=np, norm=np.linalg.norm, **dict(inputs()))
    widened = dict(names, **{name: widen(array) for name, array in inputs()})
    sizes = dict(names, **{name: np.abs(widen(array)) for name, array in inputs()})
    failures = 0
    lines = open(f"{folder}/formulas.txt").read().splitlines()
    for number, formula in enumerate(lines):
        try:
            expected = np.asarray(eval(formula, names))
            if (is_product(formula) or names_in(formula) & SUMS) and expected.dtype.kind in "fc":
                expected = np.asarray(eval(formula, widened)).astype(expected.dtype)
        except Exception as error:
            expected = error
        found = result(folder, number)
        if isinstance(found, str) or isinstance(expected, Exception):
            if isinstance(found, str) and isinstance(expected, Exception):
                continue
            problem = f"{found}, NumPy: {expected!r}"
        elif found.dtype != expected.dtype or found.shape != expected.shape:
            problem = f"{found.dtype} {found.shape}, NumPy: {expected.dtype} {expected.shape}"
        elif is_product(formula) and found.dtype.kind in "fc":
            if near(found, expected, eval(formula, sizes)):
                continue
            problem = f"\n{found}\nNumPy:\n{expected}"
        elif not same(found, expected, formula):
            problem = f"\n{found}\nNumPy:\n{expected}"
        else:
            continue
        failures += 1
        print(f"{formula}: {problem}")
    print(f"{len(lines) - failures} of {len(lines)} formulas as by NumPy")
    return failures == 0 and len(lines) > 0


if __name__ == "__main__":
    job, folder = sys.argv[1:]
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    if job == "make":
        for name, array in inputs():
            np.save(f"{folder}/{name}.npy", array)
    elif not check(folder):
        sys.exit(1)
