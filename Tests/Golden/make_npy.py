#!/usr/bin/env python3
"""Writes the golden .npy and .npz files of Tests/Golden/npy with NumPy, and golden.json with what they hold.

Run from anywhere: python3 make_npy.py. The files are checked in; NumPy 2.4 wrote them.
"""
import io
import json
import pathlib
import struct
import warnings
import zipfile

import numpy as np
from numpy.lib import format as npy

warnings.simplefilter("ignore")  # "Stored array in format 2.0" is what is wanted here
here = pathlib.Path(__file__).parent / "npy"
TYPES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def sample(dtype, shape):
    """Different bits in every element and every byte of it, no NaN."""
    count = int(np.prod(shape))
    order = np.arange(count, dtype=np.int64)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        values = order % 3 == 0
    elif dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = np.array([(info.min + i * 0x0102030405060708 + i) % (int(info.max) + 1) for i in range(count)], dtype=object)
        values = values.astype(dtype)
    elif dtype.kind == "f":
        values = (order - count / 2) / 7
    else:
        values = (order - count / 2) / 7 + 1j * (order + 0.1)
    return np.asarray(values).astype(dtype).reshape(shape)


def stored(array, version=None):
    stream = io.BytesIO()
    npy.write_array(stream, array, version=version)
    return stream.getvalue()


arrays, refused, headers = [], [], []


def keep(name, array, version=(1, 0), suffix=b"", data=None):
    (here / name).write_bytes((stored(array, version) if data is None else data) + suffix)
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    arrays.append({
        "file": name, "shape": list(array.shape), "dtype": little.dtype.str[1:], "version": version[0],
        "fortran": bool(array.flags.f_contiguous and not array.flags.c_contiguous),
        "bigEndian": array.dtype.byteorder == ">", "hex": little.tobytes().hex()})


def refuse(name, data, code, says):
    (here / name).write_bytes(data)
    refused.append({"file": name, "code": code, "says": says})


here.mkdir(exist_ok=True)
for old in here.iterdir():
    old.unlink()

for code in TYPES:
    keep(f"{code}_c.npy", sample("<" + code, (2, 3)))
    keep(f"{code}_fortran.npy", np.asfortranarray(sample("<" + code, (3, 2, 2))))
    keep(f"{code}_big.npy", sample(">" + code, (5,)))
keep("big_fortran.npy", np.asfortranarray(sample(">i4", (4, 5))))
keep("scalar.npy", sample("<f8", ()))
keep("empty.npy", sample("<f8", (0,)))
keep("empty_axis.npy", sample("<i2", (3, 0, 2)))
keep("version_2.npy", sample("<u2", (3,)), (2, 0))
keep("version_3.npy", np.asfortranarray(sample("<u2", (3, 4))), (3, 0))
keep("trailing_bytes.npy", sample("<i4", (3,)), suffix=b"more")
python2 = b"{'descr': u'<i4', \"shape\": (3L, 2L), 'fortran_order': False}"
keep("python_2.npy", sample("<i4", (3, 2)),
     data=b"\x93NUMPY\x01\x00" + struct.pack("<H", len(python2)) + python2 + sample("<i4", (3, 2)).tobytes())

refuse("object.npy", stored(np.array([1, None], dtype=object)), "unsupported", "'|O' (Python objects")
refuse("structured.npy", stored(np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")])), "unsupported", "structured")
refuse("string.npy", stored(np.array(["ab"])), "unsupported", "'<U2' (strings")
refuse("bytes.npy", stored(np.array([b"ab"])), "unsupported", "'|S2' (byte strings")
refuse("date.npy", stored(np.array(["2020-01-01"], dtype="M8[D]")), "unsupported", "'<M8[D]' (dates")
refuse("difference.npy", stored(np.array([1], dtype="m8[s]")), "unsupported", "(time differences")
refuse("void.npy", stored(np.zeros(2, dtype="V3")), "unsupported", "'|V3'")
refuse("long_double.npy", stored(np.zeros(2, dtype=np.longdouble)), "unsupported", "'<f16'")


def raw(text, data=b"", version=1, length=None):
    text = text.encode()
    length = len(text) if length is None else length
    size = struct.pack("<H" if version == 1 else "<I", length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


good = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}\n"
eight = bytes(8)
refuse("length_long.npy", raw(good, eight, length=5000), "truncated", "length says 5000")
refuse("length_short.npy", raw(good, eight, length=30), "corrupt", "header, byte 40")
refuse("length_absurd.npy", raw(good, eight, version=2, length=2**32 - 1), "corrupt", "at most 65536")
refuse("key_missing.npy", raw("{'descr': '<i4', 'shape': (2,)}", eight), "corrupt", "exactly the keys")
refuse("key_extra.npy", raw(good.replace("}", ", 'x': 1}"), eight), "corrupt", "'x'")
refuse("key_twice.npy", raw(good.replace("}", ", 'shape': (1,)}"), eight), "corrupt", "twice")
refuse("shape_negative.npy", raw(good.replace("(2,)", "(-2,)"), eight), "corrupt", "negative")
refuse("shape_product.npy", raw(good.replace("(2,)", "(4294967296, 4294967296)"), eight), "corrupt", "larger than")
refuse("shape_beyond_64_bits.npy", raw(good.replace("(2,)", "(100000000000000000000,)"), eight), "corrupt", "64 bits")
refuse("shape_list.npy", raw(good.replace("(2,)", "[2]"), eight), "corrupt", "not a tuple")
refuse("shape_parentheses.npy", raw(good.replace("(2,)", "(2)"), eight), "corrupt", "not a tuple")
refuse("shape_float.npy", raw(good.replace("(2,)", "(2.0,)"), eight), "corrupt", "not an integer")
refuse("shape_33_axes.npy", raw(good.replace("(2,)", "(" + "1, " * 33 + ")"), eight), "unsupported", "33 dimensions")
refuse("order_integer.npy", raw(good.replace("False", "0"), eight), "corrupt", "not True or False")
refuse("not_a_dict.npy", raw("('descr', '<i4')", eight), "corrupt", "expected a dict")
refuse("nested_deep.npy", raw("[" * 100, eight), "corrupt", "nesting deeper than 32")
refuse("expression.npy", raw(good.replace("(2,)", "(1+1,)"), eight), "corrupt", "expected ',' or ')'")
refuse("data_short.npy", raw(good, bytes(7)), "truncated", "8 bytes, but only 7")
refuse("version_4.npy", b"\x93NUMPY\x04\x00" + raw(good, eight)[8:], "unsupported", "version 4.0")
refuse("version_1_1.npy", b"\x93NUMPY\x01\x01" + raw(good, eight)[8:], "unsupported", "version 1.1")
refuse("magic.npy", b"\x93NUMPX" + raw(good, eight)[6:], "unsupported", "does not begin with")
refuse("no_bytes.npy", b"", "unsupported", "does not begin with")

for shape in [(), (0,), (1,), (5,), (10**6,), (10**17,), (3, 4), (1,) * 12, (2,) * 32, (100, 0, 7), (12345, 1, 999)]:
    for code, version in [("f8", 1), ("f8", 2), ("f8", 3), ("b1", 1), ("c16", 1)]:
        for fortran in [False, True]:
            stream = io.BytesIO()
            np.lib._format_impl._write_array_header(
                stream, {"descr": np.dtype(code).str, "fortran_order": fortran, "shape": shape}, (version, 0))
            header = stream.getvalue()
            # The rest up to `size` is blanks and one line feed.
            headers.append({"shape": list(shape), "dtype": code, "fortran": fortran, "version": version,
                            "size": len(header), "hex": header.rstrip().hex()})


# Archives.

archives, refused_archives = [], []
members = {"a": sample("<f8", (2, 3)), "b": np.asfortranarray(sample("<i4", (3, 4))), "c": sample(">u2", (5,)),
           "empty": sample("<f4", (0, 2)), "zero_d": sample("<c16", ())}


def expect(file, names=members):
    for name in names:
        little = np.ascontiguousarray(members[name]).astype(members[name].dtype.newbyteorder("<"))
        archives.append({"file": file, "member": name, "shape": list(members[name].shape), "dtype": little.dtype.str[1:],
                         "hex": little.tobytes().hex()})


def zipped(method=zipfile.ZIP_DEFLATED, names=members, comment=b"", target=None, suffix=".npy"):
    target = io.BytesIO() if target is None else target
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name + suffix), stored(members[name]), method)
        archive.comment = comment
    return target.getvalue()


class Unseekable(io.RawIOBase):
    """A pipe: zipfile must put sizes behind the members."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, part):
        self.data += part
        return len(part)

    def getvalue(self):
        return bytes(self.data)


np.savez(here / "savez.npz", **members)
np.savez_compressed(here / "savez_compressed.npz", **members)
(here / "descriptors.npz").write_bytes(zipped(target=Unseekable()))
(here / "descriptors_stored.npz").write_bytes(zipped(zipfile.ZIP_STORED, target=Unseekable()))
(here / "comment.npz").write_bytes(zipped(comment=b"written on a rainy day; " * 20))
(here / "prefixed.npz").write_bytes(b"#!/bin/sh\nexit\n" + zipped())
limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 0, 0
(here / "zip64.npz").write_bytes(zipped())
(here / "zip64_prefixed.npz").write_bytes(b"more before" + zipped(zipfile.ZIP_STORED))
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
for file in ["savez.npz", "savez_compressed.npz", "descriptors.npz", "descriptors_stored.npz", "comment.npz",
             "prefixed.npz", "zip64.npz", "zip64_prefixed.npz"]:
    assert {name.removesuffix(".npy") for name in zipfile.ZipFile(here / file).namelist()} == set(members)
    expect(file)
(here / "one.npz").write_bytes(zipped(names=["b"], suffix=""))
expect("one.npz", ["b"])

# 30,000 bytes in which every stretch differs from the others: element i is (i * i + i / 251) mod 256.
index = np.arange(30000, dtype=np.int64)
np.savez_compressed(here / "long.npz", x=((index * index + index // 251) % 256).astype("u1"))


def refuse_archive(name, data, code, says):
    (here / name).write_bytes(data)
    refused_archives.append({"file": name, "code": code, "says": says})


def patched(data, **changes):
    """Changes fields of the first (only) member: local_* in its local header, central_* in the directory, end_*."""
    data = bytearray(data)
    central, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    places = {
        "local_flags": (6, "<H"), "local_method": (8, "<H"), "local_crc": (14, "<I"), "local_stored": (18, "<I"),
        "local_size": (22, "<I"), "local_name": (30, "<B"), "local_signature": (0, "<I"), "end_disk": (end + 4, "<H"),
        "end_count": (end + 8, "<HH"), "end_size": (end + 12, "<I"), "end_offset": (end + 16, "<I"),
        "central_flags": (central + 8, "<H"), "central_method": (central + 10, "<H"), "central_crc": (central + 16, "<I"),
        "central_stored": (central + 20, "<I"), "central_size": (central + 24, "<I"), "central_disk": (central + 34, "<H"),
        "central_offset": (central + 42, "<I"), "central_extra": (central + 30, "<H"), "central_signature": (central, "<I")}
    for key, value in changes.items():
        place, kind = places[key]
        struct.pack_into(kind, data, place, *(value if isinstance(value, tuple) else (value,)))
    return bytes(data)


deflated, plain = zipped(names=["a"]), zipped(zipfile.ZIP_STORED, names=["a"])
size = len(stored(members["a"]))
refuse_archive("encrypted.npz", patched(deflated, local_flags=1, central_flags=1), "unsupported", "is encrypted")
refuse_archive("bzip2.npz", zipped(zipfile.ZIP_BZIP2, names=["a"]), "unsupported", "compressed with bzip2")
refuse_archive("lzma.npz", zipped(zipfile.ZIP_LZMA, names=["a"]), "unsupported", "compressed with lzma")
refuse_archive("method_77.npz", patched(deflated, local_method=77, central_method=77), "unsupported", "method 77")
refuse_archive("disks.npz", patched(deflated, end_disk=1), "unsupported", "several disks")
refuse_archive("disk_of_member.npz", patched(deflated, central_disk=2), "unsupported", "several disks")
refuse_archive("local_name.npz", patched(deflated, local_name=ord("x")), "corrupt", "name differs")
refuse_archive("local_method.npz", patched(deflated, local_method=0), "corrupt", "method differs")
refuse_archive("local_crc.npz", patched(deflated, local_crc=1), "corrupt", "checksum differs")
refuse_archive("local_size.npz", patched(deflated, local_size=1), "corrupt", "size differs")
refuse_archive("local_signature.npz", patched(deflated, local_signature=1), "corrupt", "no local header")
refuse_archive("size_absurd.npz", patched(deflated, local_size=2**31, central_size=2**31), "corrupt", "more than")
refuse_archive("size_large.npz", patched(deflated, local_size=size + 1, central_size=size + 1), "corrupt", "ends after 176 bytes")
refuse_archive("size_small.npz", patched(deflated, local_size=size - 1, central_size=size - 1), "truncated", "only 47")
refuse_archive("stored_size.npz", patched(plain, local_size=size + 1, central_size=size + 1), "corrupt", "stored in 176")
refuse_archive("stored_far.npz", patched(plain, central_stored=2**31, central_size=2**31), "corrupt", "size differs")
refuse_archive("member_far.npz", patched(deflated, central_offset=2**31), "corrupt", "beyond the directory")
refuse_archive("crc.npz", patched(deflated, local_crc=1, central_crc=1), "corrupt", "CRC-32")
refuse_archive("crc_stored.npz", patched(plain, local_crc=1, central_crc=1), "corrupt", "CRC-32")
refuse_archive("count.npz", patched(deflated, end_count=(9, 9)), "corrupt", "cannot hold 9 members")
refuse_archive("directory_far.npz", patched(deflated, end_offset=2**31), "corrupt", "does not fit")
refuse_archive("directory_size.npz", patched(deflated, end_size=47), "corrupt", "no member's record")
refuse_archive("directory_entry.npz", patched(deflated, central_signature=0), "corrupt", "no member's record")
refuse_archive("extra_far.npz", patched(deflated, central_extra=60000), "corrupt", "a field of 60000 bytes")
refuse_archive("cut.npz", deflated[:-1], "unsupported", "not a zip archive, or cut short")
refuse_archive("no_zip.npz", b"text\n" * 10, "unsupported", "not a zip archive")
refuse_archive("several.npz", zipped(), "invalidArgument", "name one after a colon: a, b, c, empty, zero_d")
refuse_archive("no_members.npz", zipped(names=[]), "invalidArgument", "without members")
double = io.BytesIO()
with zipfile.ZipFile(double, "w") as archive:
    archive.writestr(zipfile.ZipInfo("a.npy"), stored(members["a"]))
    archive.writestr(zipfile.ZipInfo("a.npy"), stored(members["b"]))
(here / "twice.npz").write_bytes(double.getvalue())

golden = {"arrays": arrays, "refused": refused, "headers": headers, "archives": archives, "refusedArchives": refused_archives}
with open(here / "golden.json", "w") as out:
    lists = [f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for key, entries in golden.items()]
    out.write("{" + ",\n".join(lists) + "}\n")
