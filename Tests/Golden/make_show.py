"""Writes show.json: arrays and how NumPy prints them with its default options.

Run with NumPy 2: python3 make_show.py
"""
import json
import pathlib

import numpy as np

rng = np.random.default_rng(20240229)
cases = []


def add(array):
    array = np.asarray(array)
    cases.append(
        {
            "dtype": array.dtype.str,
            "shape": list(array.shape),
            "bytes": np.ascontiguousarray(array).tobytes().hex(),
            "text": str(array),
        }
    )


for value in [0.0, -0.0, 1.0, 0.1, 1e-5, 1e-4, 123456.789, 1e15, 1e16, 1.5e300, np.nan, np.inf, -np.inf, 5e-324]:
    add(np.float64(value))
    with np.errstate(over="ignore"):
        add(np.float32(value))
        add(np.float16(value))
for value in [1 + 2j, 2j, -0.0 + 2j, 1.5 - 0.25j, complex(np.nan, np.inf), 1e20 + 1j, 0j]:
    add(np.complex128(value))
    add(np.complex64(value))
add(np.bool_(True))
add(np.int8(-5))
add(np.uint64(2**64 - 1))

for dtype in ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]:
    add(np.zeros((0,), dtype))
    add(np.zeros((2, 0, 3), dtype))
    add(np.zeros((3,), dtype))
    add((np.arange(24) * 3).reshape(2, 3, 4).astype(dtype))
    add(np.arange(30).astype(dtype))
add(np.array([[-(2**63), 2**63 - 1], [0, 7]]))
add(np.array([-128, 5, 127], np.int8))
add(np.array([True, False, True]))

for dtype in ["f2", "f4", "f8"]:
    big = np.finfo(dtype).max
    tiny = np.finfo(dtype).smallest_subnormal
    add(np.array([1, 2.5, -3.25], dtype))
    add(np.array([0.1, 0.2, 0.3], dtype))
    add(np.array([1 / 3, 2 / 3, 1e-3], dtype))
    add(np.array([1, 1000], dtype))
    add(np.array([1, 1001], dtype))
    add(np.array([0.0001, 0.01], dtype))
    add(np.array([0.00009, 0.01], dtype))
    add(np.array([np.nan, 1, 2], dtype))
    add(np.array([np.nan, np.inf], dtype))
    add(np.array([-np.inf, np.nan], dtype))
    add(np.array([np.inf, 1.5, -2], dtype))
    add(np.array([-np.inf, 12345.5, -2], dtype))
    add(np.array([big, 1], dtype))
    add(np.array([-big, tiny], dtype))
    add(np.array([-0.0, 0.0], dtype))
    add(np.array([0.0, -0.0, np.nan], dtype))
    add(np.array([2.0**-k for k in range(12)], dtype))
    add(rng.normal(size=7).astype(dtype))
    add(rng.normal(size=(4, 3)).astype(dtype))
    add((rng.normal(size=9) * 1e3).astype(dtype))
    with np.errstate(over="ignore"):
        add(np.array([1e8, 1], dtype))
        add(np.array([99999999.0, 1e6], dtype))
        add((10.0 ** rng.uniform(-12, 12, size=11)).astype(dtype))
add(np.array([1e-300, 1e300]))
add(np.array([1e100, 1e5]))
add(np.array([0.5, 0.123456785, 0.123456775, 1 / 1024 / 1024]))
add(np.array([0.000000005, 0.5]) + 0.25)
add(np.array([999999.999999999, 1234.5]))

for dtype in ["c8", "c16"]:
    add(np.array([1 + 2j, -3.5 - 0.25j], dtype))
    add(np.array([complex(np.nan, 1), complex(0, -np.inf)], dtype))
    add(np.array([1e10 + 1j, 1 + 1e-10j], dtype))
    add((rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))).astype(dtype))
    add(np.array([1j, 2]).astype(dtype))

add(np.arange(1000))
add(np.arange(1001))
add(np.arange(1001) / 8)
add(np.arange(40 * 40).reshape(40, 40))
add((np.arange(3 * 400).reshape(3, 400) % 17) * 0.25)
add(np.arange(7 * 6 * 30, dtype=np.int16).reshape(7, 6, 30))
add(np.arange(2 * 7 * 1 * 80, dtype=np.uint16).reshape(2, 7, 1, 80))
add(np.arange(8**4, dtype=np.int16).reshape(8, 8, 8, 8))
add((np.arange(1200) % 2 == 0).reshape(1200))
add(np.ones((1, 1, 1, 1)))
add(rng.normal(size=(5, 12)))
add(rng.normal(size=(20, 60)).astype(np.float32))
add(np.arange(2000).reshape(2000, 1).astype(np.complex64))

path = pathlib.Path(__file__).with_name("show.json")
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
