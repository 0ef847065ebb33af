#!/usr/bin/env python3
"""An independent reader of `.dnpy` 2 files, written from dnpy-2.md, codecs.md and digest.md alone.

    reader.py FILE [--generation N] [--info] [--npy OUT.npy] [--digest] [--verify]

It needs Python 3.8, numpy, lz4 and xxhash, and favours clearness over speed. What breaks a rule of the format raises
`Refused`; the command then prints one line and exits with 1.
"""
import argparse, json, math, os, re, struct, sys

import lz4.block, numpy, xxhash

ENCODED, RAW, CONSTANT, PAGE, BLOCK = range(1, 6)  # 0 is absent: all fields are zero
EXTENTS, PAGE_BYTES, FANOUT = 12288, 4096, 170
DTYPES = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16".split()
CHAINS = [shuffle + lz4 for shuffle in ([], ["byteshuffle"], ["bitshuffle"]) for lz4 in ([], ["lz4"])]


class Refused(Exception):
  """The file is not `.dnpy` 2, is damaged, or breaks a rule."""


def require(condition, message):
  if not condition:
    raise Refused(message)


def unshuffle(stored, size, chain):
  """codecs.md sections 2 and 3: whole elements from the stored bytes of a chunk or an lz4 block."""
  count, data = len(stored) // size, numpy.frombuffer(stored, "u1")
  if "byteshuffle" in chain:
    return data.reshape(size, count).T.tobytes()
  if "bitshuffle" in chain:
    whole = count - count % 8
    bits = numpy.unpackbits(data[:whole * size].reshape(8 * size, whole // 8), axis=1, bitorder="little")
    return numpy.packbits(bits.T, axis=1, bitorder="little").tobytes() + data[whole * size:].tobytes()
  return stored


def decode(stored, total, size, chain, what):
  """codecs.md section 4: the `total` bytes of a chunk of kind 1."""
  require("lz4" in chain and 4 <= len(stored) < total, f"{what}: {len(stored)} encoded bytes of {total}")
  unit = int.from_bytes(stored[:4], "little")
  require(128 <= unit <= 2**20 and unit % 128 == 0, f"{what}: lz4 block size {unit}")
  blocks = -(-total // unit)
  start, out = 4 + 4 * blocks, []
  require(start <= len(stored), f"{what}: lz4 block table is cut short")
  for index, word in enumerate(struct.unpack_from(f"<{blocks}I", stored, 4)):
    length, plain, place = word & 0x7FFFFFFF, min(unit, total - index * unit), f"{what}, lz4 block {index}"
    block, start = stored[start:start + length], start + length
    require(len(block) == length and (length == plain if word >> 31 else length < plain), f"{place}: {length} bytes")
    if not word >> 31:
      try:
        block = lz4.block.decompress(block, uncompressed_size=plain)
      except (lz4.block.LZ4BlockError, ValueError) as error:
        raise Refused(f"{place}: {error}") from None
      require(len(block) == plain, f"{place}: decodes to {len(block)} bytes, not {plain}")
      block = unshuffle(block, size, chain)
    out.append(block)
  require(start == len(stored), f"{what}: {len(stored) - start} bytes after the last lz4 block")
  return b"".join(out)


class open_dnpy2:
  """One generation of one file: `shape`, `dtype`, `chunk_shape`, `attributes`, `generations` and `read()`."""

  def __init__(self, path, generation=None):
    self.file = open(path, "rb")
    self.file_bytes = os.fstat(self.file.fileno()).st_size
    self.open_generation(*self.find_generation(generation))

  def bytes_at(self, offset, count):
    require(offset + count <= self.file_bytes, f"file of {self.file_bytes} bytes is truncated: need {offset + count}")
    self.file.seek(offset)
    return self.file.read(count)

  def extent(self, record, kind, what):
    """The checked bytes of a record (section 2), unpacked as (offset, length, kind, checksum)."""
    offset, length, found, checksum = record
    require(found == kind, f"{what}: record of kind {found} instead of {kind}")
    require(offset >= EXTENTS and length >= 1 and offset + length <= self.frontier, f"{what}: extent out of bounds")
    require(offset % self.alignments[kind < PAGE] == 0, f"{what}: extent at {offset} is not aligned")
    data = self.bytes_at(offset, length)
    require(xxhash.xxh3_64_intdigest(data) == checksum, f"{what}: checksum of {length} bytes at {offset} is wrong")
    return data

  def find_generation(self, wanted):
    """Preamble, superblocks and retained table (sections 3 and 4): the facts of the wanted generation."""
    magic = self.bytes_at(0, min(8, self.file_bytes))
    require(magic[:6] != b"\x93DARRY" or len(magic) < 8 or magic[6] == 2, f"not version 2 but {magic[6:7].hex()}")
    checked = lambda copy: xxhash.xxh3_64_intdigest(copy[:2040]) == int.from_bytes(copy[2040:], "little")
    copies = [self.bytes_at(offset, 2048) for offset in range(0, EXTENTS, 2048)]
    preamble = next((copy for copy in copies[:2] if checked(copy)), None)
    require(preamble and preamble[:6] == b"\x93DARRY", "not a .dnpy file, or both copies of its preamble are damaged")
    major, required, block, chunk, page, fanout = struct.unpack_from("<6xBxI4xIIII", preamble)
    require(major == 2 and required == 0, f"needs version {major} and features {required:#x}")
    require(512 <= block <= 2**20 and block & block - 1 == 0, f"block alignment is {block}")
    require(8 <= chunk <= block and chunk & chunk - 1 == 0, f"chunk alignment is {chunk}")
    require((page, fanout) == (PAGE_BYTES, FANOUT), f"pages have {page} bytes and {fanout} records")
    self.alignments, best, self.generation = (block, chunk), None, 0
    for slot, copy in zip((0, 0, 1, 1), copies[2:]):
      number, known = int.from_bytes(copy[8:16], "little"), copy[:8] == b"DASUPER2" and copy[168:184] == preamble[32:48]
      if known and checked(copy) and number % 2 == slot and number > self.generation:
        best, self.generation = copy, number
    require(best or any(map(any, copies[2:])), "never committed: both superblocks are empty")
    require(best, "both superblocks are damaged")
    parent, time, levels, self.retention, count, self.frontier, *stored = struct.unpack_from("<16xQq48xIIQQQQ", best)
    require(EXTENTS <= self.frontier <= self.file_bytes, f"truncated: {self.file_bytes} bytes of {self.frontier}")
    require(self.retention >= 1, "retention is 0")
    record = lambda data, offset: struct.unpack_from("<QIIQ", data, offset)
    facts = {self.generation: (parent, time, record(best, 32), record(best, 56), levels, count, stored)}
    entries = self.extent(record(best, 120), BLOCK, "retained table") if any(record(best, 120)) else b""
    require(len(entries) % 104 == 0, f"retained table has {len(entries)} bytes")
    previous = 0
    for start in range(0, len(entries), 104):
      number, parent, time, levels, count, *stored = struct.unpack_from("<QQq48xI4xQQQ", entries, start)
      require(previous < number < self.generation, f"retained table: generation {number} out of order")
      facts[number] = (parent, time, record(entries, start + 24), record(entries, start + 48), levels, count, stored)
      previous = number
    self.generations, self.generation = sorted(facts), self.generation if wanted is None else wanted
    require(self.generation in facts, f"no generation {wanted}; there are {self.generations}")
    return facts[self.generation]

  def open_generation(self, parent, time, metadata, root, levels, count, stored):
    """The metadata block (section 7) and what follows from it."""
    self.parent, self.time = parent, time
    require(parent < self.generation, f"generation {self.generation} has the parent {parent}")
    require(metadata[1] <= 2**24, f"metadata of {metadata[1]} bytes")
    try:
      data = json.loads(self.extent(metadata, BLOCK, "metadata").decode("utf-8"), parse_constant=int)
    except (ValueError, RecursionError) as error:
      raise Refused(f"metadata is no JSON: {error}") from None
    require(isinstance(data, dict), "metadata is no JSON object")
    shape, chunk_shape, names = data.get("shape"), data.get("chunk_shape"), data.get("dimension_names")
    for key, sizes, least in (("shape", shape, 0), ("chunk_shape", chunk_shape, 1)):
      require(isinstance(sizes, list) and len(sizes) <= 32, f"{key} is no list of at most 32 sizes")
      require(all(type(size) is int and size >= least for size in sizes), f"{key} has a size below {least}")
    require(len(shape) == len(chunk_shape), "shape and chunk_shape differ in length")
    require(data.get("dtype") in DTYPES, f"unknown dtype {data.get('dtype')!r}")
    require(data.get("codecs") in CHAINS, f"unknown codec chain {data.get('codecs')!r}")
    require(data.get("checksum") == "xxh3-64", f"unknown checksum {data.get('checksum')!r}")
    named = isinstance(names, list) and len(names) == len(shape)
    require(names is None or named and all(name is None or isinstance(name, str) for name in names), "dimension_names")
    require(isinstance(data.get("attributes", {}), dict), "attributes are no object")
    self.shape, self.chunk_shape, self.dtype = tuple(shape), tuple(chunk_shape), numpy.dtype(data["dtype"])
    self.dtype_name, self.codecs, self.dimension_names = data["dtype"], data["codecs"], names
    self.attributes, size = data.get("attributes", {}), self.dtype.itemsize
    require(math.prod(max(1, length) for length in shape) * size <= 2**62, f"array of shape {self.shape} is too large")
    require(math.prod(map(min, shape, chunk_shape)) * size <= 2**30, f"chunks {self.chunk_shape} are too large")
    fill = data.get("fill_value", "00" * size)
    require(isinstance(fill, str) and re.fullmatch(f"[0-9a-fA-F]{{{2 * size}}}", fill), f"fill_value is {fill!r}")
    self.fill, self.bits = bytes.fromhex(fill), numpy.dtype(f"V{size}")  # elements move as bits: NaNs, odd bools
    self.grid = tuple(-(-length // chunk) for length, chunk in zip(shape, chunk_shape))
    self.root, self.levels, self.chunk_count, self.stored = root, levels, math.prod(self.grid), stored
    require(count == self.chunk_count, f"chunk count is {count}, the grid has {self.chunk_count}")
    depth = next(depth for depth in range(1, 64) if FANOUT**depth >= count)
    require(levels == depth, f"index has {levels} levels instead of {depth}")

  def records(self):
    """All chunks that are not absent, as (number, record), from the index (section 5)."""
    pending = [(self.levels - 1, 0, self.root)] if any(self.root) else []
    while pending:
      level, number, record = pending.pop()
      if level < 0:
        yield number, record
        continue
      what = f"index page {number} of level {level}"
      require(record[1] == PAGE_BYTES, f"{what}: {record[1]} bytes")
      page = self.extent(record, PAGE, what)
      require(struct.unpack_from("<4sH2xQ", page) == (b"DAPG", level, number), f"{what}: is another page")
      below = -(-self.chunk_count // FANOUT**level)  # pages of the level below, or chunks
      for index, child in enumerate(struct.iter_unpack("<QIIQ", page[16:])):
        if any(child):
          require(number * FANOUT + index < below, f"{what}: record {index} is beyond the grid")
          pending.append((level - 1, number * FANOUT + index, child))

  def chunk(self, number, record):
    """The slices of a chunk and its elements (section 6)."""
    index = numpy.unravel_index(number, self.grid) if self.grid else ()
    slices = tuple(slice(int(at) * chunk, min((int(at) + 1) * chunk, length))
                   for at, chunk, length in zip(index, self.chunk_shape, self.shape))
    shape, size = tuple(part.stop - part.start for part in slices), self.dtype.itemsize
    what, total, kind = f"chunk {number}", math.prod(shape) * size, record[2]
    if kind == CONSTANT:
      element = struct.pack("<QQ", record[0], record[3])
      require(record[1] == 0 and not any(element[size:]), f"{what}: constant record has stray bytes")
      return slices, numpy.frombuffer(element[:size], self.bits)[0]
    require(kind in (ENCODED, RAW), f"{what}: record of kind {kind}")
    require(record[1] < total if kind == ENCODED else record[1] == total, f"{what}: {record[1]} bytes of {total}")
    data = self.extent(record, kind, what)
    data = decode(data, total, size, self.codecs, what) if kind == ENCODED else data
    return slices, numpy.frombuffer(data, self.bits).reshape(shape)

  def read(self):
    """The whole array of this generation."""
    array = numpy.empty(self.shape, self.bits)
    array[...] = numpy.frombuffer(self.fill, self.bits)[0]
    for number, record in self.records():
      slices, elements = self.chunk(number, record)
      array[slices] = elements
    return array.view(self.dtype)

  def verify(self):
    """Decodes every chunk of this generation and compares the totals with what the generation states."""
    lengths = [record[1] for number, record in self.records() if self.chunk(number, record) and record[2] != CONSTANT]
    require([len(lengths), sum(lengths)] == self.stored, f"{len(lengths)} chunks are stored, not {self.stored[0]}")


def content_digest(array, dtype_name):
  """digest.md, with Horner's rule."""
  words, sums = numpy.frombuffer(array.tobytes(), f"<u{min(array.itemsize, 4)}"), []
  for base in (0x0487ED5110B4612C, 0x16FC2A2C515DA557):
    total = 0
    for word in reversed(words.tolist()):
      total = (total * base + word) % (2**61 - 1)
    sums.append(total)
  text = f"dd1|{dtype_name}|{','.join(map(str, array.shape))}|{sums[0]:016x}|{sums[1]:016x}"
  return "dd1:" + xxhash.xxh3_128_hexdigest(text.encode("ascii"), seed=0)


def main():
  parser = argparse.ArgumentParser(description="Reads .dnpy 2 files.")
  parser.add_argument("file")
  parser.add_argument("--generation", type=int)
  parser.add_argument("--info", action="store_true", help="print what the file says about itself, as JSON")
  parser.add_argument("--npy", metavar="OUT.npy", help="write the array")
  parser.add_argument("--digest", action="store_true", help="print the content digest")
  parser.add_argument("--verify", action="store_true", help="check every generation, or the one that is given")
  options = parser.parse_args()
  source = open_dnpy2(options.file, options.generation)
  if options.info or not (options.npy or options.digest or options.verify):
    keys = ("shape", "chunk_shape", "codecs", "dimension_names", "attributes", "generation", "parent", "time",
            "generations", "retention", "chunk_count")
    facts = {"dtype": source.dtype_name, "fill_value": source.fill.hex()}
    print(json.dumps({**facts, **{key: getattr(source, key) for key in keys}}, ensure_ascii=False))
  if options.npy or options.digest:
    array = source.read()
  if options.npy:
    with open(options.npy, "wb") as out:
      numpy.save(out, array)
  if options.digest:
    print(content_digest(array, source.dtype_name))
  for generation in source.generations if options.verify else []:
    if options.generation in (None, generation):
      open_dnpy2(options.file, generation).verify()


if __name__ == "__main__":
  try:
    main()
  except (Refused, OSError, MemoryError, ValueError) as error:
    sys.exit(f"reader.py: {' '.join(str(error).split())}")
