"""Writes HDF5 files with every feature that is read, and for each dataset what it must give.

    make_hdf5.py FOLDER

FOLDER gets the files and `cases.json`: a list of {"name": file:path, "npy": file} for datasets that are read, and of
{"name", "error": part of the message} for those that are refused.
"""

import json
import sys
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

folder = Path(sys.argv[1])
cases = []


def expect(file, path, values, **facts):
    name = f"want-{len(cases)}.npy"
    np.save(folder / name, np.asarray(values), allow_pickle=False)
    cases.append({"name": f"{file}:{path}", "npy": name, **facts})


def refuse(file, path, message):
    cases.append({"name": f"{file}:{path}", "error": message})


random = np.random.default_rng(4)


def values(shape, dtype):
    dtype = np.dtype(dtype)
    if dtype == bool:
        return random.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)
    if dtype.kind == "c":
        return (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(dtype)
    return random.normal(size=shape).astype(dtype)


def smooth(shape, dtype):
    return (np.arange(np.prod(shape)).reshape(shape) % 97).astype(dtype)


# Element types in both byte orders, contiguous and in chunks that reach over the edges.
with h5py.File(folder / "types.h5", "w") as f:
    for code in "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16":
        for order in "<>":
            dtype = np.dtype(order + code) if code != "?" else np.dtype(bool)
            name = f"{order}{code}".replace("<", "little-").replace(">", "big-").replace("?", "bool")
            a = values((7, 5), dtype)
            f[name] = a
            f.create_dataset(name + "-chunked", data=a, chunks=(3, 2))
            f.create_dataset(name + "-filtered", data=a, chunks=(3, 5), compression="gzip", shuffle=True)
            for ending in "", "-chunked", "-filtered":
                expect("types.h5", f"/{name}{ending}", a.astype(dtype.newbyteorder("=")))

# Filters alone and together.
pipelines = {
    "gzip": dict(compression="gzip", compression_opts=9),
    "shuffle": dict(shuffle=True),
    "fletcher32": dict(fletcher32=True),
    "gzip-shuffle-fletcher32": dict(compression="gzip", shuffle=True, fletcher32=True),
    "lz4": dict(**hdf5plugin.LZ4()),
    "lz4-blocks": dict(**hdf5plugin.LZ4(nbytes=256)),
    "shuffle-lz4": dict(shuffle=True, **hdf5plugin.LZ4()),
    "bitshuffle": dict(**hdf5plugin.Bitshuffle(cname="none")),
    "bitshuffle-lz4": dict(**hdf5plugin.Bitshuffle(cname="lz4")),
    "bitshuffle-lz4-blocks": dict(**hdf5plugin.Bitshuffle(nelems=16, cname="lz4")),
}
for libver in "earliest", "latest":
    file = f"filters-{libver}.h5"
    with h5py.File(folder / file, "w", libver=libver) as f:
        for name, options in pipelines.items():
            for dtype in "u1", "i4", "f8":
                for kind, a in ("smooth", smooth((31, 29), dtype)), ("noise", values((31, 29), dtype)):
                    f.create_dataset(f"{name}/{dtype}-{kind}", data=a, chunks=(9, 13), **options)
                    expect(file, f"/{name}/{dtype}-{kind}", a)
    # Chunks for which filters were left out.
    file = f"masks-{libver}.h5"
    with h5py.File(folder / file, "w", libver=libver) as f:
        a = smooth((8, 6), "<i4")
        d = f.create_dataset("masked", shape=a.shape, dtype=a.dtype, chunks=(4, 6), compression="gzip", shuffle=True)
        d.id.write_direct_chunk((0, 0), a[:4].tobytes(), 0b11)
        d[4:] = a[4:]
        expect(file, "/masked", a)

# Every kind of chunk index: with and without filters, with one and several axes that grow, sparsely written.
for libver in "earliest", "latest":
    file = f"indexes-{libver}.h5"
    with h5py.File(folder / file, "w", libver=libver) as f:
        for filtered in False, True:
            options = dict(compression="gzip") if filtered else {}
            tag = "filtered" if filtered else "plain"
            a = smooth((6, 5), "<i4")
            f.create_dataset(f"{tag}/single", data=a, chunks=(6, 5), **options)
            expect(file, f"/{tag}/single", a)
            b = smooth((40, 60), "<i2")
            f.create_dataset(f"{tag}/fixed", data=b, chunks=(7, 11), **options)
            expect(file, f"/{tag}/fixed", b)
            f.create_dataset(f"{tag}/bounded", data=b, chunks=(7, 11), maxshape=(80, 90), **options)
            expect(file, f"/{tag}/bounded", b)
            for axis in 0, 1:
                limits = (None, 60) if axis == 0 else (40, None)
                f.create_dataset(f"{tag}/grows-{axis}", data=b, chunks=(7, 11), maxshape=limits, **options)
                expect(file, f"/{tag}/grows-{axis}", b)
            f.create_dataset(f"{tag}/grows-both", data=b, chunks=(7, 11), maxshape=(None, None), **options)
            expect(file, f"/{tag}/grows-both", b)
            # Thousands of chunks: deep trees, pages and super blocks.
            c = smooth((4500,), "<u2")
            for name, limits in ("many-fixed", (4500,)), ("many-grow", (None,)):
                d = f.create_dataset(f"{tag}/{name}", shape=c.shape, dtype=c.dtype, chunks=(1,), maxshape=limits, fillvalue=9, **options)
                want = np.full_like(c, 9)
                d[:3000] = want[:3000] = c[:3000]
                d[4400:4410] = want[4400:4410] = c[4400:4410]
                expect(file, f"/{tag}/{name}", want)
            e = smooth((60, 50), "<u1")
            d = f.create_dataset(f"{tag}/many-both", data=e, chunks=(2, 1), maxshape=(None, None), **options)
            expect(file, f"/{tag}/many-both", e)
        d = f.create_dataset("shrunk", data=np.arange(30), chunks=(4,), maxshape=(None,))
        d.resize((10,))
        expect(file, "/shrunk", np.arange(10))
        d = f.create_dataset("grown", data=np.arange(10.0), chunks=(4,), maxshape=(None,), fillvalue=-1.5)
        d.resize((23,))
        expect(file, "/grown", np.r_[np.arange(10.0), np.full(13, -1.5)])
        space = h5py.h5s.create_simple((9, 8))
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4, 3))
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        a = smooth((9, 8), "<f4")
        h5py.h5d.create(f.id, b"implicit", h5py.h5t.IEEE_F32LE, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, a)
        expect(file, "/implicit", a)

# Layouts, fill values, extents.
with h5py.File(folder / "layouts.h5", "w", userblock_size=1024) as f:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    a = values((4, 3), ">f4")
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32BE, h5py.h5s.create_simple(a.shape), plist).write(
        h5py.h5s.ALL, h5py.h5s.ALL, a.astype("<f4"))
    expect("layouts.h5", "/compact", a.astype("<f4"))
    a = values((50, 40), "<f8")
    f["contiguous"] = a
    expect("layouts.h5", "/contiguous", a)
    f["scalar"] = np.float64(2.5)
    expect("layouts.h5", "/scalar", np.float64(2.5))
    f["no elements"] = np.zeros((3, 0, 2), "i4")
    expect("layouts.h5", "/no elements", np.zeros((3, 0, 2), "i4"))
    f["null"] = h5py.Empty("f8")
    expect("layouts.h5", "/null", np.zeros(0))
    f.create_dataset("unwritten", shape=(5, 4), dtype="<i2", fillvalue=-7)
    expect("layouts.h5", "/unwritten", np.full((5, 4), -7, "<i2"))
    f.create_dataset("unwritten chunks", shape=(5, 4), dtype=">c16", chunks=(2, 2), fillvalue=1 + 2j)
    expect("layouts.h5", "/unwritten chunks", np.full((5, 4), 1 + 2j))
    d = f.create_dataset("partly written", shape=(9, 9), dtype="<f4", chunks=(4, 4), fillvalue=np.nan)
    want = np.full((9, 9), np.nan, "<f4")
    d[5:, 1:3] = want[5:, 1:3] = 3
    expect("layouts.h5", "/partly written", want)
    f.create_dataset("enumeration", data=np.array([2, 0, 1], "i2"), dtype=h5py.enum_dtype({"a": 0, "b": 1, "c": 2}, basetype="i2"))
    expect("layouts.h5", "/enumeration", np.array([2, 0, 1], "i2"))
with open(folder / "layouts.h5", "r+b") as raw:
    raw.write(b"a user block")

# Groups of both kinds, small and large, and links.
for libver in "earliest", "latest":
    file = f"groups-{libver}.h5"
    with h5py.File(folder / file, "w", libver=libver) as f:
        g = f.create_group("deep/er/still")
        g["data"] = np.arange(5)
        expect(file, "/deep/er/still/data", np.arange(5))
        f["hard"] = g["data"]
        f["soft"] = h5py.SoftLink("/deep/er/still/data")
        f["deep/relative"] = h5py.SoftLink("er/still/data")
        f["outside"] = h5py.ExternalLink("layouts.h5", "/contiguous")
        f["loop"] = h5py.SoftLink("/loop")
        f["dangling"] = h5py.SoftLink("/nowhere")
        for name in "hard", "soft", "deep/relative":
            expect(file, "/" + name, np.arange(5))
        with h5py.File(folder / "layouts.h5") as other:
            expect(file, "/outside", other["contiguous"][()])
        refuse(file, "/loop", "circle")
        refuse(file, "/dangling", "nowhere")
        refuse(file, "/deep", "group")
        refuse(file, "/missing", "no object 'missing'")
        for i in range(400):
            f[f"large/a-rather-long-name-for-a-dataset-{i:04}"] = np.int32(i)
        expect(file, "/large/a-rather-long-name-for-a-dataset-0000", np.int32(0))
        expect(file, "/large/a-rather-long-name-for-a-dataset-0399", np.int32(399))
        f["large"]["cycle"] = f["/"]

# Attributes, few and many; names of dimensions.
for libver in "earliest", "latest":
    file = f"attributes-{libver}.h5"
    with h5py.File(folder / file, "w", libver=libver) as f:
        d = f.create_dataset("d", data=smooth((2, 3, 4), "f4"))
        d.attrs["whole"] = 7
        d.attrs["real"] = np.float32(0.5)
        d.attrs["flag"] = True
        d.attrs["text"] = "Grad °C"
        d.attrs["fixed"] = np.bytes_("fixed")
        d.attrs["list"] = np.arange(6, dtype=">i2").reshape(2, 3)
        d.attrs["texts"] = ["a", "bc"]
        d.attrs["empty"] = h5py.Empty("f4")
        d.attrs["reference"] = d.ref
        d.dims[0].label = "time"
        f["lat"] = np.arange(3.0)
        f["lat"].make_scale("latitude")
        d.dims[1].attach_scale(f["lat"])
        f["lon"] = np.arange(4.0)
        f["lon"].make_scale()
        d.dims[2].attach_scale(f["lon"])
        expect(file, "/d", smooth((2, 3, 4), "f4"), dimensions=["time", "latitude", "lon"], attributes={
            "whole": 7, "real": 0.5, "flag": True, "text": "Grad °C", "fixed": "fixed", "list": [[0, 1, 2], [3, 4, 5]],
            "texts": ["a", "bc"], "empty": None})
        m = f.create_dataset("many", data=np.arange(3))
        for i in range(60):
            m.attrs[f"attribute {i}"] = i
        expect(file, "/many", np.arange(3), attributes={f"attribute {i}": i for i in range(60)})
        f["type"] = np.dtype("<f4")
        f.create_dataset("named", data=np.arange(3, dtype="<f4"), dtype=f["type"])
        expect(file, "/named", np.arange(3, dtype="<f4"))

# What is refused, by name.
with h5py.File(folder / "refused.h5", "w") as f:
    f["text"] = "hello"
    refuse("refused.h5", "/text", "string")
    f.create_dataset("lists", shape=(2,), dtype=h5py.vlen_dtype("i4"))
    refuse("refused.h5", "/lists", "variable-length list")
    f.create_dataset("references", shape=(2,), dtype=h5py.ref_dtype)
    refuse("refused.h5", "/references", "reference")
    f["records"] = np.zeros(2, [("a", "i4"), ("b", "f8")])
    refuse("refused.h5", "/records", "compound (a, b)")
    f["opaque"] = np.zeros(2, "V5")
    refuse("refused.h5", "/opaque", "opaque")
    f.create_dataset("lzf", data=np.arange(9), chunks=(3,), compression="lzf")
    refuse("refused.h5", "/lzf", "32000 (LZF)")
    f.create_dataset("offset", data=np.arange(9), chunks=(3,), scaleoffset=0)
    refuse("refused.h5", "/offset", "scale-offset")
    f.create_dataset("zstd", data=np.arange(9), chunks=(3,), **hdf5plugin.Zstd())
    refuse("refused.h5", "/zstd", "32015 (Zstandard)")
    f.create_dataset("bitshuffle-zstd", data=np.arange(9), chunks=(3,), **hdf5plugin.Bitshuffle(cname="zstd"))
    refuse("refused.h5", "/bitshuffle-zstd", "Zstandard")
    layout = h5py.VirtualLayout(shape=(5,), dtype="i8")
    layout[:] = h5py.VirtualSource("groups-earliest.h5", "hard", shape=(5,))
    f.create_virtual_dataset("virtual", layout)
    refuse("refused.h5", "/virtual", "virtual")
    f.create_dataset("long double", data=np.zeros(2, np.longdouble))
    refuse("refused.h5", "/long double", "floating point")

# Small files for damage: seven datasets of different layouts in each.
for libver in "earliest", "latest":
    with h5py.File(folder / f"small-{libver}.h5", "w", libver=libver) as f:
        a = smooth((6, 5), "<i4")
        f["contiguous"] = a
        f.create_dataset("plain", data=a, chunks=(2, 3))
        f.create_dataset("filtered", data=a, chunks=(4, 3), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("grows", data=a, chunks=(1, 5), maxshape=(None, 5), **hdf5plugin.LZ4())
        f.create_dataset("grows both", data=a, chunks=(3, 5), maxshape=(None, None), **hdf5plugin.Bitshuffle(nelems=8, cname="lz4"))
        f.create_dataset("group/scalar", data=1.5, fillvalue=2)
        f.create_dataset("group/flags", data=a > 3)
        f["group"].attrs["text"] = ["one", "two"]
        f["plain"].attrs["numbers"] = [1.0, 2.0]
        f["link"] = h5py.SoftLink("/group/flags")

(folder / "cases.json").write_text(json.dumps(cases, ensure_ascii=False))
