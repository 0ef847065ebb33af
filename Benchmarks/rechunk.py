#!/usr/bin/env python3
"""Rows to columns: an array of eight budgets stored in the other chunks, by DAStore and by what people would use instead.

    rechunk.py TOOL FOLDER [--rechunker PYTHON] [--size MiB] [--runs N]

A float32 field of --size MiB in chunks of whole rows, 1 MiB each, becomes one in chunks of whole columns, 1 MiB each, on the
disk. Every program may use both cores and is told the same budget: an eighth of the array, for DAStore for each of two
ranks, for the others in all of two workers what two ranks have. Each run is a process of its own, the programs in turn,
every run beginning with another; the median wall time is stated with the largest resident memory of any single process. rechunker needs zarr-python 2 and so a
Python of its own.
"""
import argparse
import os
import shutil
import statistics
import sys

from peers import measured

COLUMNS = 16384


def sizes(rows):
    return (rows, COLUMNS), (2**18 // COLUMNS, COLUMNS), (rows, max(1, 2**18 // rows))


def run_numpy(folder, rows):
    """Columns as rows of the transposed array, as many at a time as a budget holds."""
    import numpy as np
    source = np.load(f"{folder}/rows.npy", mmap_mode="r")
    target = np.lib.format.open_memmap(f"{folder}/numpy.npy", "w+", source.dtype, source.shape[::-1])
    step = COLUMNS // 8
    for start in range(0, COLUMNS, step):
        target[start:start + step] = source[:, start:start + step].T
    target.flush()


def run_zarr(folder, rows):
    """The loop that a careful person writes: as many columns at a time as a budget holds."""
    import zarr
    source = zarr.open_array(f"{folder}/rows.zarr", mode="r")
    target = zarr.create_array(f"{folder}/zarr.zarr", shape=source.shape, dtype=source.dtype, chunks=sizes(rows)[2],
                               compressors=codec(), overwrite=True)
    step = COLUMNS // 8
    for start in range(0, COLUMNS, step):
        target[:, start:start + step] = source[:, start:start + step]


def run_dask(folder, rows):
    import dask
    import dask.array as da
    import zarr
    dask.config.set(scheduler="threads", num_workers=2)
    target = zarr.create_array(f"{folder}/dask.zarr", shape=sizes(rows)[0], dtype="float32", chunks=sizes(rows)[2],
                               compressors=codec(), overwrite=True)
    wide = sizes(rows)[2][1] * 64
    da.from_zarr(f"{folder}/rows.zarr").rechunk((rows, wide)).store(target, lock=False)


def run_rechunker(folder, rows):
    import dask
    import rechunker
    import zarr
    dask.config.set(scheduler="threads", num_workers=2)
    source = zarr.open_array(f"{folder}/rows2.zarr", mode="r")
    for name in ("rechunker.zarr", "between.zarr"):
        shutil.rmtree(f"{folder}/{name}", ignore_errors=True)
    rechunker.rechunk(source, target_chunks=sizes(rows)[2], max_mem=rows * COLUMNS * 4 // 8,
                      target_store=f"{folder}/rechunker.zarr", temp_store=f"{folder}/between.zarr",
                      target_options={"compressor": old_codec()}, temp_options={"compressor": None}).execute()


def codec():
    import zarr
    return zarr.codecs.BloscCodec(cname="lz4", shuffle="shuffle", clevel=1)


def old_codec():
    import numcodecs
    return numcodecs.Blosc(cname="lz4", clevel=1, shuffle=numcodecs.Blosc.SHUFFLE)


def make(folder, rows):
    import numpy as np
    import zarr
    source = np.load(f"{folder}/rows.npy", mmap_mode="r")
    packed = zarr.create_array(f"{folder}/rows.zarr", shape=source.shape, dtype=source.dtype, chunks=sizes(rows)[1],
                               compressors=codec(), overwrite=True)
    for start in range(0, rows, 256):
        packed[start:start + 256] = source[start:start + 256]


def make_old(folder, rows):
    import numpy as np
    import zarr
    source = np.load(f"{folder}/rows.npy", mmap_mode="r")
    packed = zarr.open_array(f"{folder}/rows2.zarr", mode="w", shape=source.shape, dtype=source.dtype,
                             chunks=sizes(rows)[1], compressor=old_codec())
    for start in range(0, rows, 256):
        packed[start:start + 256] = source[start:start + 256]


def check(folder, rows):
    import numpy as np
    import zarr
    expected = np.load(f"{folder}/rows.npy", mmap_mode="r")
    found = {"DAStore": np.load(f"{folder}/unpacked.npy", mmap_mode="r"),
             "numpy": np.load(f"{folder}/numpy.npy", mmap_mode="r").T}
    for name in ("zarr", "dask", "rechunker"):
        if os.path.exists(f"{folder}/{name}.zarr"):
            found[name] = zarr.open_array(f"{folder}/{name}.zarr", mode="r")
    for name, array in found.items():
        for start in range(0, COLUMNS, 2048):
            if not np.array_equal(array[:, start:start + 2048], expected[:, start:start + 2048]):
                raise SystemExit(f"{name} stored something else in columns {start} to {start + 2048}")


JOBS = {"numpy": run_numpy, "zarr": run_zarr, "dask": run_dask, "rechunker": run_rechunker, "make": make,
        "make_old": make_old, "check": check}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=512, help="MiB of the array")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rechunker", help="a Python with rechunker and zarr-python 2")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder
    rows = arguments.size * 2**18 // COLUMNS
    if arguments.job:
        JOBS[arguments.job](folder, rows)
        # Until the data is on the disk the job is not done; ours waits for that too.
        os.sync()
        return

    os.makedirs(folder, exist_ok=True)
    _, before, after = sizes(rows)
    budget = f"{arguments.size // 8}MiB"

    def ours(*words):
        return ["mpirun", "--allow-run-as-root", "-n", "2", arguments.tool, *words, "--memory", budget, "--json"]

    def job(name, python=sys.executable):
        return [python, "-B", os.path.abspath(__file__), arguments.tool, folder, "--size", str(arguments.size), "--job", name]

    def chunks(extents):
        return ",".join(map(str, extents))

    measured(ours("generate", "--shape", f"{rows},{COLUMNS}", "--force", f"{folder}/rows.npy"))
    measured(ours("convert", f"{folder}/rows.npy", f"{folder}/rows.dnpy", "--chunks", chunks(before), "--force"))
    measured(job("make"))
    rows_of_table = [
        ("DAStore, .dnpy", ours("rechunk", f"{folder}/rows.dnpy", f"{folder}/columns.dnpy", "--chunks", chunks(after), "--force")),
        ("DAStore, .npy to .dnpy", ours("rechunk", f"{folder}/rows.npy", f"{folder}/columns.dnpy", "--chunks", chunks(after), "--force")),
        ("NumPy, memmap, transposed", job("numpy")), ("zarr-python, by columns", job("zarr")), ("dask + zarr", job("dask")),
    ]
    if arguments.rechunker:
        measured(job("make_old", arguments.rechunker))
        rows_of_table.append(("rechunker + dask + zarr 2", job("rechunker", arguments.rechunker)))
    times = {name: [] for name, _ in rows_of_table}
    memory = dict.fromkeys(times, 0)
    for run in range(arguments.runs):
        # Memory that the program before gave back costs the next one time: every run begins with another.
        first = run % len(rows_of_table)
        for name, command in rows_of_table[first:] + rows_of_table[:first]:
            seconds, peak, _ = measured(command)
            times[name].append(seconds)
            memory[name] = max(memory[name], peak)
    measured(ours("convert", f"{folder}/columns.dnpy", f"{folder}/unpacked.npy", "--force"))
    measured(job("check"))
    print(f"| rows to columns, {arguments.size} MiB, {budget} per rank | seconds (spread) | times ours | largest process |")
    print("|---|---|---|---|")
    own = statistics.median(times[rows_of_table[0][0]])
    for name, _ in rows_of_table:
        middle = statistics.median(times[name])
        print(f"| {name} | {middle:.2f} ({min(times[name]):.2f}–{max(times[name]):.2f}) | {middle / own:.1f} "
              f"| {memory[name] / 2**20:.0f} MiB |")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
