#!/usr/bin/env python3
"""Each element-wise kernel beside NumPy's, in cache: nanoseconds per element of 16 Ki elements, and NumPy's over ours.

    ufuncs.py [--level 0|1|2] [--markdown] [--slower RATIO] [NAME ...]

Compiles Sources/CUfuncs as a library of its own (clang and libsleef-dev needed), runs every loop that NumPy has too, on
the same elements, and compares the answers. Times are the best of many runs.
"""
import argparse
import ctypes
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "Sources"
NAMES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
COUNT = 16384
TIMER = """
#include "cufuncs.h"
#include <time.h>
double best_time(const struct cufuncs_loop *loop, int64_t n, const void *const *in, void *const *out, int runs) {
  double best = 1e9;
  for (int run = 0; run < runs; run++) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    loop->run(n, in, out);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    if (seconds < best) best = seconds;
  }
  return best;
}
"""


class Loop(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("input_count", ctypes.c_uint8), ("output_count", ctypes.c_uint8),
                ("inputs", ctypes.c_uint8 * 3), ("outputs", ctypes.c_uint8 * 2), ("run", ctypes.c_void_p)]


def compiled(folder):
    timer = folder / "timer.c"
    timer.write_text(TIMER)
    objects = []
    for source in [*(SOURCES / "CUfuncs").glob("*.[cS]"), timer]:
        objects.append(folder / (source.name + ".o"))
        subprocess.run(["clang", "-std=gnu11", "-O2", "-fPIC", "-I", SOURCES / "CUfuncs/include", "-c", source, "-o",
                        objects[-1]], check=True)
    library = folder / "libcufuncs.so"
    subprocess.run(["cc", "-shared", "-o", library, *objects, "-lsleef", "-lm"], check=True)
    library = ctypes.CDLL(str(library))
    library.cufuncs_loops.restype = ctypes.POINTER(Loop)
    library.best_time.restype = ctypes.c_double
    return library


def elements(dtype, name, position):
    random = np.random.default_rng(position + 1)
    if dtype == "b1":
        return random.integers(0, 2, COUNT).astype(bool)
    if dtype[0] in "iu":
        info = np.iinfo(dtype)
        high = {"left_shift": 8, "right_shift": 8, "power": 8, "ldexp": 40}.get(name) if position else None
        if high is None and position and name in ("floor_divide", "remainder", "fmod", "divide"):
            return random.integers(1, min(info.max, 1000), COUNT).astype(dtype)
        return random.integers(info.min if high is None else 0, high or info.max, COUNT, dtype=dtype)
    low, high = {"arccosh": (1.1, 90), "log": (0.01, 90), "log2": (0.01, 90), "log10": (0.01, 90), "log1p": (-0.5, 90),
                 "sqrt": (0.01, 90), "power": (0.1, 8), "arcsin": (-1, 1), "arccos": (-1, 1),
                 "arctanh": (-0.99, 0.99)}.get(name, (-8, 8))
    if dtype[0] == "f":
        return random.uniform(low, high, COUNT).astype(dtype)
    return (random.uniform(low, high, COUNT) + 1j * random.uniform(low, high, COUNT)).astype(dtype)


def numpy_call(name, inputs, output_types):
    """A call that writes into outputs of its own, those outputs, or nothing where NumPy has no such ufunc."""
    outputs = tuple(np.empty(COUNT, dtype) for dtype in output_types)
    if name == "where":
        return None
    if name == "astype":
        return lambda: np.copyto(outputs[0], inputs[0], casting="unsafe"), outputs
    function = np._core.umath.clip if name == "clip" else getattr(np, name)
    if not isinstance(function, np.ufunc):
        return None
    out = outputs if len(outputs) > 1 else outputs[0]
    try:
        function(*inputs, out=out)
    except TypeError:
        return None
    return lambda: function(*inputs, out=out), outputs


def measure(library, loop, name):
    types = [NAMES[loop.inputs[i]] for i in range(loop.input_count)]
    output_types = ["?" if NAMES[loop.outputs[i]] == "b1" else NAMES[loop.outputs[i]] for i in range(loop.output_count)]
    inputs = [elements(dtype, name, position) for position, dtype in enumerate(types)]
    theirs = numpy_call(name, inputs, output_types)
    if theirs is None:
        return None
    call, expected = theirs
    ours = [np.empty(COUNT, dtype) for dtype in output_types]
    pointers = (ctypes.c_void_p * 3)(*[value.ctypes.data for value in inputs])
    targets = (ctypes.c_void_p * 2)(*[value.ctypes.data for value in ours])
    our_seconds = library.best_time(ctypes.byref(loop), ctypes.c_int64(COUNT), pointers, targets, 60)
    best = 1e9
    for _ in range(20 if our_seconds > 5e-5 else 100):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    for found, wanted in zip(ours, expected):
        tolerance = 1e-2 if found.dtype == "f2" else 1e-4 if found.dtype in ("f4", "c8") else 1e-9
        if name != "astype" and not np.allclose(found, wanted, rtol=tolerance, atol=tolerance, equal_nan=True):
            sys.exit(f"{name} of {types}: answers differ")
    size = sum(value.itemsize for value in inputs) + sum(value.itemsize for value in ours)
    return types, output_types, our_seconds / COUNT * 1e9, best / COUNT * 1e9, size * COUNT / our_seconds / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--level", type=int, default=2)
    parser.add_argument("--markdown", action="store_true", help="one row per ufunc, ratios by type")
    parser.add_argument("--slower", type=float, help="only loops with a smaller ratio")
    options = parser.parse_args()
    np.seterr(all="ignore")
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(pathlib.Path(folder))
        count = ctypes.c_int64()
        table = library.cufuncs_loops(options.level, ctypes.byref(count))
        for index in range(count.value):
            name = table[index].name.decode()
            if options.names and name not in options.names:
                continue
            if name == "astype" and not options.names:
                continue
            result = measure(library, table[index], name)
            if result is None:
                continue
            types, output_types, ours, theirs, rate = result
            rows.setdefault(name, {})[types[0] if len(set(types)) == 1 else " ".join(types)] = theirs / ours
            if not options.markdown and not (options.slower and theirs / ours >= options.slower):
                print(f"{name:14} {' '.join(types):8} -> {' '.join(output_types):6} {ours:8.3f} ns {theirs:8.3f} ns"
                      f" {theirs / ours:6.2f} {rate:7.1f} GB/s")
    if options.markdown:
        print("| ufunc | " + " | ".join(NAMES) + " |")
        print("|---" * (len(NAMES) + 1) + "|")
        for name, ratios in rows.items():
            print(f"| {name} | " + " | ".join(f"{ratios[t]:.1f}" if t in ratios else "" for t in NAMES) + " |")


main()
