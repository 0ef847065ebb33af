#!/usr/bin/env python3
"""Statistics along axes beside those of all of a chunk's elements together: the time of one as a multiple of the other's.

    axes.py [--level 0|1|2] [--types f4,f8,...] [--asked mean,max,...] [--runs N] [--nanoseconds]

Compiles Sources/CKernels as a library of its own (clang needed) and calls the kernels on one chunk in cache as
DistArray's ChunkWalk does, with the fields that each statistic needs. Times are the best of many runs, the two taken in
turn.
"""
import argparse
import ctypes
import pathlib
import subprocess
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "Sources/CKernels"
NAMES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
SIZES = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16]
SHORT_RUN = 1024  # ChunkWalk.shortRun
# Chunk, axis, and how it is walked: output elements side by side, rows, their strides in elements, and outer loops.
CHUNKS = [((64, 64, 64), axis) for axis in range(3)] + [((512, 512), axis) for axis in range(2)] + [
    (shape, axis) for shape in [(256, 4096), (16384, 16), (8192, 32), (65536, 3)] for axis in (1, 0)]
ASKED = ["mean", "sum", "std", "max", "argmax", "zeros", "all"]
TIMER = r"""
#include "moments.h"
#include "folds.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
enum { MEAN, SUM, STD, MAX, ARGMAX, ZEROS, ALL };
static struct ckernels_partials asked_of(int asked, int type, int64_t width, char *memory) {
  struct ckernels_partials p = {0};
  int complex = type >= CKERNELS_C8, floats = type >= CKERNELS_F2, all = asked == ALL;
#define TAKE(field, wanted) if (wanted) p.field = (void *)memory, memory += (width * 16 + 63) / 64 * 64
  int sums = asked <= STD || all;
  TAKE(sum_high, sums);
  TAKE(sum_low, sums);
  TAKE(imaginary_high, sums && complex);
  TAKE(imaginary_low, sums && complex);
  TAKE(spread, asked == STD || all);
  TAKE(wrapped, (asked == SUM || all) && !floats);
  TAKE(minimum, all);
  TAKE(maximum, all || asked == MAX || asked == ARGMAX);
  TAKE(minimum_at, all);
  TAKE(maximum_at, all || asked == ARGMAX);
  TAKE(nan_count, all && floats);
  TAKE(infinity_count, all && floats);
  TAKE(zero_count, all || asked == ZEROS);
  return p;
}
// Best times of `runs`: out[0] of all elements together, out[1] along the axis.
void best_times(int level, int type, int asked, const char *x, int64_t size, int64_t rows, int64_t row_stride,
                int64_t columns, int64_t column_stride, int64_t loops, int64_t loop_stride, int as_runs, int runs,
                double *out) {
  int64_t count = rows * columns * loops, width = columns * loops;
  char *memory = aligned_alloc(64, (size_t)(13 * (width * 16 + 64) + 63) / 64 * 64), *single = aligned_alloc(64, 2048);
  memset(memory, 0, (size_t)(13 * (width * 16 + 64)));
  struct ckernels_partials one = asked_of(asked, type, 1, single), many = asked_of(asked, type, width, memory);
  int64_t step = 1;
  out[0] = out[1] = 1e9;
  int extreme = type == CKERNELS_F2 ? 4 : (int)size;
  for (int run = 0; run < runs; run++) {
    double start = now();
    ckernels_add_run(level, type, x, count, 0, 0, 1, &count, &step, &one);
    double middle = now();
    for (int64_t loop = 0; loop < loops; loop++)
      for (int64_t column = 0; column < (as_runs ? columns : 1); column++) {
        struct ckernels_partials at = many;
        int64_t place = loop * columns + column;
#define MOVE(field) if (at.field) at.field += place
        MOVE(sum_high); MOVE(sum_low); MOVE(imaginary_high); MOVE(imaginary_low); MOVE(spread); MOVE(wrapped);
        MOVE(minimum_at); MOVE(maximum_at); MOVE(nan_count); MOVE(infinity_count); MOVE(zero_count);
        if (at.minimum) at.minimum = (char *)at.minimum + place * extreme;
        if (at.maximum) at.maximum = (char *)at.maximum + place * extreme;
        const char *from = x + (loop * loop_stride + column * column_stride) * size;
        if (as_runs)
          ckernels_add_run(level, type, from, rows, 0, 0, 1, &rows, &step, &at);
        else
          ckernels_add_columns(level, type, from, row_stride * size, column_stride * size, rows, columns, 0, 0, 1, &at);
      }
    double end = now();
    if (middle - start < out[0]) out[0] = middle - start;
    if (end - middle < out[1]) out[1] = end - middle;
  }
  free(memory);
  free(single);
}
"""


def compiled(folder, sources):
    timer = folder / "timer.c"
    timer.write_text(TIMER)
    library = folder / "libckernels.so"
    subprocess.run(["clang", "-std=gnu11", "-O2", "-fPIC", "-shared", "-I", sources / "include", sources / "moments.c",
                    timer, "-o", library, "-lm"], check=True)
    library = ctypes.CDLL(str(library))
    return library


def walk(shape, axis):
    """rows, row stride, columns, column stride, loops, loop stride, and whether rows are runs; strides in elements."""
    inner = 1
    for extent in shape[axis + 1:]:
        inner *= extent
    outer = 1
    for extent in shape[:axis]:
        outer *= extent
    rows = shape[axis]
    if inner == 1:
        return rows, 1, outer, rows, 1, 0, rows >= SHORT_RUN
    return rows, inner, inner, 1, outer, rows * inner, False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--level", type=int, default=2)
    parser.add_argument("--types", default="f4,f8,i4,i2,u1,b1")
    parser.add_argument("--asked", default="all")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--nanoseconds", action="store_true", help="of an element along the axis, beside the multiple")
    parser.add_argument("--sources", type=pathlib.Path, default=SOURCES, help="another version of the kernels")
    options = parser.parse_args()
    import numpy as np

    types = options.types.split(",")
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(pathlib.Path(folder), options.sources)
        for asked in options.asked.split(","):
            print(f"\n| {asked}: chunk, axis | " + " | ".join(types) + " |")
            print("|---" * (len(types) + 1) + "|")
            for shape, axis in CHUNKS:
                cells = []
                for name in types:
                    code = NAMES.index(name)
                    random = np.random.default_rng(1)
                    count = int(np.prod(shape))
                    if name == "b1":
                        data = random.integers(0, 2, count).astype("u1")
                    elif name[0] in "iu":
                        info = np.iinfo(name)
                        data = random.integers(info.min, info.max, count, dtype=name)
                    else:
                        data = random.uniform(-1, 1, count * (2 if name[0] == "c" else 1))
                        data = data.astype({"c8": "f4", "c16": "f8"}.get(name, name))
                    times = (ctypes.c_double * 2)()
                    library.best_times(options.level, code, ASKED.index(asked), ctypes.c_void_p(data.ctypes.data),
                                       *[ctypes.c_int64(v) for v in (SIZES[code], *walk(shape, axis)[:6])],
                                       int(walk(shape, axis)[6]), options.runs, times)
                    cell = f"{times[1] / times[0]:.1f}"
                    if options.nanoseconds:
                        cell += f" ({times[1] / count * 1e9:.3f})"
                    cells.append(cell)
                print(f"| {' × '.join(map(str, shape))}, {axis} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
