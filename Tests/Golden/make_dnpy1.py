#!/usr/bin/env python3
"""Writes the golden .dnpy 1.0 sets into dnpy1/, with numpy and struct only.

The layout is that of Formats/dnpy-1.md. Who owns what is worked out here element by element, not by a formula shared
with the library. In every set the element at C-order position i has the value i (modulo the type's range).
Each file is `<set>_<rank>.dnpy`.
"""
import io
import itertools
import math
import os
import struct

import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dnpy1")


def file_bytes(dims, local, version="'0.10.0'", text=None):
    """One file: magic, version, length, padded text, .npy stream. `dims` is the text of the dimension dictionaries."""
    if text is None:
        inside = ", ".join(dims) + ("," if len(dims) == 1 else "")
        text = "{'__version__': %s, 'dim_data': (%s), }" % (version, inside)
    unpadded = 10 + len(text) + 1
    text += " " * (16 - unpadded % 16) + "\n"
    stream = io.BytesIO()
    np.lib.format.write_array(stream, local, version=(1, 0))
    return b"\x93DARRY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin1") + stream.getvalue()


def dim(**keys):
    return repr(keys)


def block(size, bounds):
    """Per grid rank: the indices held and the dictionary."""
    ranks = len(bounds) - 1
    return [
        (list(range(bounds[r], bounds[r + 1])),
         dim(dist_type="b", size=size, proc_grid_rank=r, proc_grid_size=ranks, start=bounds[r], stop=bounds[r + 1]))
        for r in range(ranks)
    ]


def regular(size, ranks):
    width = -(-size // ranks)
    return block(size, [min(size, r * width) for r in range(ranks + 1)])


def whole(size):
    return block(size, [0, size])


def cyclic(size, ranks, width=1):
    result = []
    for r in range(ranks):
        keys = dict(dist_type="c", size=size, proc_grid_rank=r, proc_grid_size=ranks, start=r * width)
        if width != 1:
            keys["block_size"] = width
        result.append(([i for i in range(size) if i // width % ranks == r], dim(**keys)))
    return result


def unstructured(size, lists, as_array=False):
    result = []
    for r, indices in enumerate(lists):
        printed = repr(np.array(indices, dtype=np.int64)) if as_array else repr(indices)
        common = dim(dist_type="u", size=size, proc_grid_rank=r, proc_grid_size=len(lists))
        result.append((indices, common[:-1] + ", 'indices': " + printed + "}"))
    return result


def padded(size, bounds, padding, periodic=False):
    """Block with padding: the buffer also holds copies of the neighbours' elements."""
    ranks = len(bounds) - 1
    result = []
    for r in range(ranks):
        start = bounds[r] - (padding[r][0] if r > 0 else 0)
        stop = bounds[r + 1] + (padding[r][1] if r < ranks - 1 else 0)
        keys = dict(dist_type="b", size=size, proc_grid_rank=r, proc_grid_size=ranks, start=start, stop=stop,
                    padding=padding[r])
        if periodic:
            keys["periodic"] = True
        result.append((list(range(start, stop)), dim(**keys)))
    return result


def write(name, axes, dtype="<f8", order="C", version="'0.10.0'", poison=None):
    shape = tuple(1 + max([i for held, _ in axis for i in held], default=-1) for axis in axes)
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    for rank, place in enumerate(itertools.product(*axes)):
        local = array[np.ix_(*[np.array(held, dtype=int) for held, _ in place])] if axes else array
        local = np.asarray(local, dtype=dtype, order=order)
        if poison:
            poison(rank, local)
        save(name, rank, file_bytes([text for _, text in place], local, version))


def save(name, rank, content):
    with open(os.path.join(HERE, "%s_%d.dnpy" % (name, rank)), "wb") as file:
        file.write(content)


def stale(rank, local):
    """Copies in communication padding may be out of date: only the owner's value counts."""
    if rank > 0:
        local[0] = -1


write("b", [regular(7, 4)])
write("bn", [regular(2, 2), whole(10)], "<i4")
write("nc", [whole(2), cyclic(10, 2)], "<i2")
write("bb", [regular(5, 2), regular(9, 2)], "|u1")
write("irregular", [block(10, [0, 2, 3, 4, 10]), block(6, [0, 0, 6])], "<u4")
write("cc", [cyclic(5, 2), cyclic(9, 3)], "<c16")
write("blockcyclic", [cyclic(5, 2, 2), cyclic(9, 2, 2)], "<i8")
write("lastblock", [cyclic(7, 2, 2)])
write("u", [unstructured(10, [[0, 3, 4, 6, 8], [1, 2, 5, 7, 9]], as_array=True)], "<f4")
write("shuffled", [unstructured(6, [[5, 0], [], [2, 4, 3, 1]]), unstructured(5, [[4, 3, 2, 1, 0]])], "<i4")
write("bcn", [regular(4, 2), cyclic(5, 3), whole(3)], "<f2")
write("padded", [padded(20, [0, 5, 10, 15, 20], [(2, 1), (1, 2), (2, 3), (3, 0)], periodic=True)], "<i4", poison=stale)
write("fortran", [regular(5, 2), regular(6, 3)], "<f8", order="F")
write("bigendian", [cyclic(5, 2), regular(4, 2)], ">c8")
write("zerod", [], "<f8")
write("empty", [regular(0, 2), whole(3)], "<f8")
write("manyranks", [cyclic(2, 4)], "|b1")

# What other writers made of the protocol, one file each.
one = np.arange(6, dtype="<i4").reshape(2, 3)
save("alias", 0, file_bytes(["{}", "{}"], one))
save("old", 0, file_bytes(["{'dist_type': 'n', 'size': 2}", "{'dist_type': 'n', 'size': 3}"], one, "'0.9.0'"))
python2 = ("{u'size': 2L, u'dist_type': u'b', u'start': 0L, u'stop': 2L, u'proc_grid_rank': 0, u'proc_grid_size': 1}",
           "{'proc_grid_size': 1L, 'dist_type': 'c', 'size': 3L, 'start': 0, 'proc_grid_rank': 0L}")
save("python2", 0, file_bytes(None, one, text="{'dim_data': (%s, %s), u'__version__': '0.10.0'}" % python2))

# DistArray counts a partial last block on grid rank 0; block 3 of these belongs to rank 1.
for rank, count in ((0, 5), (1, 2)):
    keys = dim(dist_type="c", size=7, proc_grid_rank=rank, proc_grid_size=2, start=2 * rank, block_size=2)
    save("miscounted", rank, file_bytes([keys], np.zeros(count)))

# NumPy elides long arrays when it prints them.
elided = dim(dist_type="u", size=3, proc_grid_rank=0, proc_grid_size=1)[:-1] + ", 'indices': array([0, ..., 2])}"
save("elided", 0, file_bytes([elided], np.zeros(3)))
