"""Writes casts.json: what NumPy's astype makes of chosen elements, for every pair of types.

An element whose conversion is undefined (a float without a place in an integer type) or cuts something off
(a complex number with an imaginary part to a real type) is marked `null`: DAStore refuses it.
Run with NumPy 2: python3 make_casts.py
"""
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
names = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
integers = [0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65503, 65520, 65535, 65536, 2049, 2**24 + 1, 2**24 + 3, 2**31 - 1,
            2**31, 2**32 - 1, 2**53 + 1, 2**54 + 2, 2**60 + 129, 2**63 - 1, 2**63, 2**63 + 1025, 2**64 - 1]
integers += [-value for value in integers if 0 < value <= 2**63] + [1025, 4099, -4101]
floats = [0.0, -0.0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 127.9, -128.9, -129.0, 255.9, 256.0, 32767.5, 65519.9, 65520.0,
          2.0**31 - 0.5, 2.0**31, -(2.0**31) - 0.5, 2.0**32 - 0.5, 2.0**53 + 2, 2.0**63, -(2.0**63), 2.0**63 - 1024,
          2.0**64, 2.0**64 - 2048, 1e300, -1e300, 1e-300, 5e-324, 1e-8, 6e-8, 1e-40, 1 / 3, 1 + 2.0**-11, 1 + 2.0**-24,
          1 + 2.0**-24 + 2.0**-50, 1 + 2.0**-11 + 2.0**-40, np.inf, -np.inf, np.nan]
complexes = [complex(value, 0) for value in floats] + [1 + 1j, 2j, complex(np.nan, 0), complex(0, np.nan), complex(1e300, 1e300)]


def inputs(name):
    dtype = np.dtype(name)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([value for value in integers if info.min <= value <= info.max], dtype)
    if dtype.kind == "f":
        return np.array(floats).astype(dtype)
    return np.array(complexes).astype(dtype)


def isdefined(value, target):
    if np.iscomplexobj(value) and target.kind in "iuf":
        if value.imag != 0:
            return False
        value = value.real
    if target.kind in "iu" and isinstance(value, np.floating):
        info = np.iinfo(target)
        return bool(np.isfinite(value)) and info.min <= int(value) <= info.max
    return True


cases = []
for source in names:
    values = inputs(source)
    for target in map(np.dtype, names):
        outputs = values.astype(target)
        cases.append({
            "from": values.dtype.str,
            "to": target.str,
            "inputs": [value.tobytes().hex() for value in values],
            "outputs": [out.tobytes().hex() if isdefined(value, target) else None for value, out in zip(values, outputs)],
        })
path = pathlib.Path(__file__).with_name("casts.json")
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
