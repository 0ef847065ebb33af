"""Writes what NumPy says of ufuncs on awkward elements: ufunc-types.json (types chosen) and ufuncs.npz (values).

Values of functions that NumPy rounds correctly are NumPy's own. Those of elementary functions are computed in 80-bit
floating point and rounded, so that distances from them are errors of ours, not of NumPy's; those of complex functions
are NumPy's. Run with NumPy 2 on x86-64: python3 make_ufuncs.py
"""
import itertools
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
np.seterr(all="ignore")
here = pathlib.Path(__file__).parent
names = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
integers, floats, complexes = names[1:9], names[9:12], names[12:]
random = np.random.default_rng(14)

elementary = ("arccos arccosh arcsin arcsinh arctan arctanh cos cosh exp expm1 log log10 log1p sin sinh tan tanh "
              "exp2 log2 cbrt").split()
unary = elementary + ("absolute conjugate invert negative positive reciprocal rint sign sqrt square floor ceil trunc "
                      "deg2rad rad2deg fabs spacing isnan isinf isfinite signbit logical_not real imag angle modf frexp").split()
elementary_binary = "arctan2 hypot power float_power logaddexp logaddexp2".split()
binary = elementary_binary + (
    "add bitwise_and bitwise_or bitwise_xor divide floor_divide fmod left_shift multiply remainder right_shift subtract "
    "less less_equal equal not_equal greater greater_equal copysign nextafter maximum minimum fmax fmin logical_and "
    "logical_or logical_xor gcd lcm heaviside ldexp divmod").split()
python = {"int": int, "float": float, "complex": complex}


def ufunc(name):
    if name == "clip":
        return np._core.umath.clip
    return getattr(np, name)


def resolved(name, operands):
    """The output types that NumPy chooses, or null where it refuses."""
    function = ufunc(name)
    try:
        if isinstance(function, np.ufunc):
            types = function.resolve_dtypes(tuple(operands) + (None,) * function.nout)
            outputs = types[function.nin:]
        else:
            outputs = [function(*(np.ones(2, operand) for operand in operands)).dtype]
    except TypeError:
        return None
    return " ".join(output.str[1:] for output in outputs)


types = {"promote": [[np.promote_types(a, b).str[1:] for b in names] for a in names],
         "unary": {name: [resolved(name, [np.dtype(a)]) for a in names] for name in unary},
         "binary": {name: [[resolved(name, [np.dtype(a), np.dtype(b)]) for b in names] for a in names]
                    for name in binary},
         "weakRight": {name: {w: [resolved(name, [np.dtype(a), python[w]]) for a in names] for w in python}
                       for name in binary},
         "weakLeft": {name: {w: [resolved(name, [python[w], np.dtype(a)]) for a in names] for w in python}
                      for name in binary},
         "weakBoth": {name: {v: {w: resolved(name, [python[v], python[w]]) for w in python} for v in python}
                      for name in binary},
         "clip": [[resolved("clip", [np.dtype(a), np.dtype(b), np.dtype(b)]) for b in names] for a in names]}
text = json.dumps(types)
(here / "ufunc-types.json").write_text(text.replace('], "', '],\n"').replace('}, "', '},\n"') + "\n")

awkward = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 2.0, 3.0, 10.0, 0.1, -1e-5, 100.0]
awkward += [np.inf, -np.inf, np.nan]
awkward += [np.pi * factor for factor in (0.25, -0.5, 1, 2, 3, 1000, -1e4)]
special = {
    "f2": [6e-8, -6e-8, 6.1e-5, 65504, -65504, 11.09, -17.5, 1 - 2**-11, 1 + 2**-10],
    "f4": [1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38, 88.7, 88.8, -87.5, -103.9, 1e10, 1e-20,
           1 - 2**-24, 1 + 2**-23, 8388609.5, np.pi * 1e22, 1e30, 2e19, 127.9, -149.2],
    "f8": [5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 709.7, 709.8,
           -708.5, -745.1, 1e22, 1e-200, 1 - 2**-53, 1 + 2**-52, 4503599627370497.5, np.pi * 1e300, 2e160, 1e155, 1023.9,
           -1074.2],
}


def ints(name):
    info = np.iinfo(name)
    values = [info.min, info.min + 1, info.max, info.max - 1, info.max // 2, 0, 1, 2, 3, 5, 7, 10, 64, 100, 127]
    return values + ([-1, -2, -3, -7, -100] if info.min else [])


def unary_inputs(name):
    if name == "b1":
        return np.array([False, True])
    if name in integers:
        info = np.iinfo(name)
        others = random.integers(info.min, info.max, 24, name, endpoint=True)
        return np.concatenate([np.array(ints(name), name), others])
    if name in floats:
        size = 48 if name == "f2" else 96
        scale = {"f2": 9, "f4": 80, "f8": 600}[name]
        values = np.concatenate([
            awkward, special[name], random.normal(size=size), random.uniform(-1, 1, size),
            random.uniform(-scale, scale, size),
            np.exp(random.uniform(-scale, scale, size)) * random.choice([-1, 1], size)])
        return values.astype(name)
    large = 1e30 if name == "c8" else 1e300
    parts = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, np.inf, -np.inf, np.nan, large, 1e-8]
    grid = [complex(re, im) for re, im in itertools.product(parts, parts)]
    near = random.normal(size=40) * 2 + 1j * random.normal(size=40) * 2
    return np.concatenate([grid, near, near * 20]).astype(name)


def binary_inputs(name):
    if name == "b1":
        values, others = [False, True], []
    elif name in integers:
        info = np.iinfo(name)
        values = ints(name)
        others = random.integers(info.min, info.max, 50, name, endpoint=True)
    elif name in floats:
        values = awkward[:5] + [-2.5, 3.0, np.inf, -np.inf, np.nan, 1e-5, 7.0, 0.1, 1000.3] + special[name][:5]
        others = random.normal(size=60) * np.exp(random.uniform(-5, 5, size=60))
    else:
        large = 1e30 if name == "c8" else 1e300
        values = [0, complex(-0.0, 0.0), 1, 2, -3, 0.5, 1j, -1j, 2 + 3j, complex(np.inf, 0), complex(np.nan, 1),
                  complex(np.inf, np.nan), complex(large, large), complex(1 / large, -1 / large), complex(-2, -0.0)]
        others = random.normal(size=60) + 1j * random.normal(size=60)
    pairs = list(itertools.product(values, values))
    others = np.array(others, name)
    a = np.concatenate([np.array([a for a, _ in pairs], name), others])
    b = np.concatenate([np.array([b for _, b in pairs], name), others[::-1]])
    return a, b


def exact(name, function, *inputs):
    """The function in 80-bit floating point, rounded to the inputs' type."""
    wide = [value.astype(np.longdouble) for value in inputs]
    if name == "logaddexp":
        big, small = np.maximum(*wide), np.minimum(*wide)
        result = np.where(big == small, big + np.log(np.longdouble(2)), big + np.log1p(np.exp(small - big)))
    elif name == "logaddexp2":
        big, small = np.maximum(*wide), np.minimum(*wide)
        result = np.where(big == small, big + 1, big + np.log1p(np.exp2(small - big)) / np.log(np.longdouble(2)))
    else:
        result = function(*wide)
    return result.astype(inputs[0].dtype)


def product(a, b):
    """Without the fused operations that NumPy uses on some processors."""
    result = np.empty_like(a)
    result.real = a.real * b.real - a.imag * b.imag
    result.imag = a.real * b.imag + a.imag * b.real
    return result


values = {}


def record(name, suffix, inputs, result):
    if any(value.ndim for value in inputs):
        for number, output in enumerate(result if isinstance(result, tuple) else (result,)):
            values[f"{name}.{suffix}.{number}"] = output


for type in names:
    x = unary_inputs(type)
    values[f"x.{type}"] = x
    for name in unary:
        if resolved(name, [np.dtype(type)]) is None:
            continue
        function = ufunc(name)
        if isinstance(function, np.ufunc):
            if function.resolve_dtypes((np.dtype(type),) + (None,) * function.nout)[0] != type:
                continue
        result = function(x)
        if name == "reciprocal" and type in integers:
            result = np.where(x == 0, 0, result).astype(type)
        if name in elementary and type in floats:
            result = exact(name, function, x)
        if name == "square" and type in complexes:
            result = product(x, x)
        if name == "angle" and type in integers:
            continue
        record(name, type, [x], result)
    a, b = binary_inputs(type)
    shifts = (np.arange(len(a)) % 75 - 4).astype(type) if type in integers else b
    powers = (np.arange(len(a)) % 70).astype(type) if type in integers else b
    values[f"a.{type}"], values[f"b.{type}"], values[f"shift.{type}"], values[f"power.{type}"] = a, b, shifts, powers
    for name in binary:
        if resolved(name, [np.dtype(type)] * 2) is None:
            continue
        function = ufunc(name)
        if function.resolve_dtypes((np.dtype(type),) * 2 + (None,) * function.nout)[0] != type and not (
                name == "divide" and type in integers + ["b1"] or name.startswith("logical")):
            continue
        second = shifts if name.endswith("shift") else powers if name == "power" else b
        result = function(a, second)
        if name in elementary_binary and type in floats:
            result = exact(name, function, a, second)
        if name == "multiply" and type in complexes:
            result = product(a, b)
        record(name, f"{type}.{type}", [a], result)
    c = np.roll(b, 7)
    record("clip", type, [a], ufunc("clip")(a, b, c))
for name in "less less_equal equal not_equal greater greater_equal".split():
    for left, right in ("i8", "u8"), ("u8", "i8"):
        a, b = values[f"a.{left}"], values[f"b.{right}"]
        length = min(len(a), len(b))
        record(name, f"{left}.{right}", [a], ufunc(name)(a[:length], b[:length]))
for type in floats:
    a = values[f"a.{type}"]
    for exponent in "i4", "i8":
        b = (np.arange(len(a)) * 37 % 4400 - 2200).astype(exponent)
        if exponent == "i8":
            b[:4] = [2**62, -2**62, 2**31, -2**33]
        values[f"exponent.{type}.{exponent}"] = b
        record("ldexp", f"{type}.{exponent}", [a], np.ldexp(a, b))
np.savez_compressed(here / "ufuncs.npz", **values)
