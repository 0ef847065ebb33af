#!/usr/bin/env python3
"""Prints `small.dnpy` byte by byte with the meaning of each: the text of section 10 of dnpy-2.md.

    annotate.py [FILE]

It needs only Python. It fails when a byte of the file is neither explained nor zero. FILE has one generation of one leaf page.
"""
import pathlib
import struct
import sys

data = (pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("small.dnpy")).read_bytes()
KINDS = "absent encoded raw constant page block".split()
lines = {}
explained = bytearray(len(data))


def number(offset, size=8):
  return int.from_bytes(data[offset:offset + size], "little")


def explain(offset, size, meaning):
  """Lines of up to 16 bytes for a field; the first says what it means."""
  explained[offset:offset + size] = b"\1" * size
  for start in range(offset, offset + size, 16):
    text = data[start:min(start + 16, offset + size)].hex(" ")
    lines[start] = f"{start:8}  {text:47}  {meaning if start == offset else ''}".rstrip()


def same_copy(offset):
  assert data[offset:offset + 2048] == data[offset + 2048:offset + 4096]
  explained[offset + 2048:offset + 4096] = b"\1" * 2048
  lines[offset + 2048] = f"{offset + 2048:8}  the same 2048 bytes again"


def record(offset, what):
  start, length, kind, checksum = struct.unpack_from("<QIIQ", data, offset)
  if KINDS[kind] == "constant":
    explain(offset, 8, f"{what}: low 8 bytes of the element")
    explain(offset + 8, 8, "  length 0, kind 3 (constant)")
    explain(offset + 16, 8, "  high 8 bytes of the element")
  elif KINDS[kind] == "absent":
    explain(offset, 24, f"{what}: kind 0 (absent)")
  else:
    explain(offset, 8, f"{what}: offset {start}")
    explain(offset + 8, 8, f"  length {length}, kind {kind} ({KINDS[kind]})")
    explain(offset + 16, 8, "  xxh3 of these bytes")
  return start, length, KINDS[kind]


def title(offset, text):
  lines[offset - 0.5] = f"\n{text}"


title(0, "Preamble")
explain(0, 8, "magic \\x93DARRY, version 2.0")
explain(8, 8, "required and optional features: none")
explain(16, 4, f"block alignment {number(16, 4)}")
explain(20, 4, f"chunk alignment {number(20, 4)}")
explain(24, 4, f"page bytes {number(24, 4)}")
explain(28, 4, f"records per page {number(28, 4)}")
explain(32, 16, "uuid")
explain(48, 8, f"created {number(48)}")
explain(2040, 8, "xxh3 of bytes 0 to 2039")
same_copy(0)

title(4096, "Superblock A: no even generation yet")
assert not any(data[4096:8192])

slot = 8192
title(slot, "Superblock B")
explain(slot, 8, "magic DASUPER2")
explain(slot + 8, 8, f"generation {number(slot + 8)}")
explain(slot + 16, 8, f"parent {number(slot + 16)}")
explain(slot + 24, 8, f"time {number(slot + 24)}")
metadata = record(slot + 32, "metadata")
root = record(slot + 56, "root page")
explain(slot + 80, 4, f"levels {number(slot + 80, 4)}")
explain(slot + 84, 4, f"retention {number(slot + 84, 4)}")
explain(slot + 88, 8, f"chunk count {number(slot + 88)}")
explain(slot + 96, 8, f"frontier {number(slot + 96)}")
explain(slot + 104, 8, f"stored chunks {number(slot + 104)}")
explain(slot + 112, 8, f"stored bytes {number(slot + 112)}")
record(slot + 120, "retained table")
free = record(slot + 144, "free table")
explain(slot + 168, 16, "uuid of the preamble")
explain(slot + 2040, 8, "xxh3 of the 2040 bytes from 8192")
same_copy(slot)

page = root[0]
title(page, "Index page, the only leaf")
explain(page, 4, "magic DAPG")
explain(page + 4, 4, f"level {number(page + 4, 2)}, reserved")
explain(page + 8, 8, f"page number {number(page + 8)}")
for chunk in range(number(slot + 88)):
  start, length, kind = record(page + 16 + 24 * chunk, f"chunk {chunk}")
  if kind in ("encoded", "raw"):
    title(start, f"Chunk {chunk}, {kind}")
    if kind == "raw":
      explain(start, length, "the elements")
      continue
    explain(start, 4, f"lz4: blocks of {number(start, 4)} bytes, so there is one")
    explain(start + 4, 4, f"  block 0: {number(start + 4, 4)} stored bytes, compressed")
    explain(start + 8, length - 8, "  LZ4 block of the shuffled bytes")

title(metadata[0], "Metadata")
text = data[metadata[0]:metadata[0] + metadata[1]].decode("utf-8")
for start in range(0, metadata[1], 16):
  size = min(16, metadata[1] - start)
  explain(metadata[0] + start, size, text[start:start + size])

if free[2] == "block":
  title(free[0], "Free table")
  for start in range(free[0], free[0] + free[1], 24):
    explain(start, 24, f"{number(start + 8)} bytes at {number(start)} are free since generation {number(start + 16)}")

unexplained = [offset for offset, byte in enumerate(data) if byte and not explained[offset]]
assert not unexplained, f"bytes without a meaning: {unexplained[:10]}"
for start in range(0, len(data)):  # one line for each stretch of zeros that is part of no field
  if not explained[start] and (start == 0 or explained[start - 1]):
    end = start
    while end < len(data) and not explained[end]:
      end += 1
    lines[start] = f"{start:8}  {end - start} zeros"
text = "\n".join(lines[offset] for offset in sorted(lines))
print("\n".join(f"    {line}".rstrip() for line in text.strip().split("\n")))
