#!/usr/bin/env python3
"""Writes digest_examples.json: arrays and their content digests, computed by the definition in ../digest.md.

Needs numpy and xxhash. Run it in this folder; the tests compare the library with the file.
"""
import json
import math

import numpy
import xxhash

PRIME = 2**61 - 1
BASES = (0x0487ED5110B4612C, 0x16FC2A2C515DA557)


def sums(array):
    """The two sums of an array, word by word."""
    elements = numpy.ascontiguousarray(array)
    elements = elements.astype(elements.dtype.newbyteorder("<"), copy=False)
    words = numpy.frombuffer(elements.tobytes(), f"<u{min(elements.itemsize, 4)}")
    totals = [0, 0]
    for index, word in enumerate(words.tolist()):
        for which, base in enumerate(BASES):
            totals[which] = (totals[which] + word * pow(base, index, PRIME)) % PRIME
    return totals


def digest(array):
    """The content digest of an array."""
    first, second = sums(array)
    kind = "|" if array.dtype.itemsize == 1 else "<"
    dtype = kind + array.dtype.kind + str(array.dtype.itemsize)
    shape = ",".join(str(size) for size in array.shape)
    text = f"dd1|{dtype}|{shape}|{first:016x}|{second:016x}"
    return "dd1:" + xxhash.xxh3_128_hexdigest(text.encode("ascii"), seed=0)


def example_array(dtype, shape):
    """An array whose byte k is bits 16 to 23 of k * 2654435761; for bool, their lowest bit."""
    count = math.prod(shape) * numpy.dtype(dtype).itemsize
    data = bytes(k * 2654435761 >> 16 & (1 if dtype == "|b1" else 255) for k in range(count))
    return numpy.frombuffer(data, dtype).reshape(shape)


CASES = [(dtype, (3, 4)) for dtype in
         "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16".split()] + [
    ("<f8", ()), ("<f8", (0,)), ("<f4", (3, 0, 2)), ("|u1", (1,)), ("<i2", (1, 1, 1)), ("<f4", (12,)),
    ("<f4", (4, 3)), ("|u1", (1500,)), ("<u2", (23, 61)), ("<f4", (7, 5, 41)), ("<c16", (3, 2, 150))]


def main():
    examples = []
    for dtype, shape in CASES:
        array = example_array(dtype, shape)
        first, second = sums(array)
        examples.append({"dtype": dtype, "shape": list(shape), "sum0": f"{first:016x}", "sum1": f"{second:016x}",
                         "digest": digest(array)})
    with open("digest_examples.json", "w", encoding="ascii") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(example) for example in examples) + "\n]\n")


if __name__ == "__main__":
    main()
