#!/usr/bin/env python3
"""A formula over stored arrays by DAStore and by what people would use instead, side by side.

    formulas.py TOOL FOLDER [--size MiB] [--runs N]

Job: sin(a)*b + sqrt(abs(c)) on three stored float32 arrays, the result stored and flushed to the disk. Every program
may use both cores. Each run is a process of its own, the programs in turn; the median wall time is stated with the
largest resident memory of any single process, pages of mapped files included. Results are compared with NumPy's.
"""
import argparse
import os
import shutil
import statistics
import sys

from peers import measured

ROWS = 16
WIDTH = 512 * 512
CHUNK = (1, WIDTH)


def mapped(folder):
    import numpy as np
    return [np.load(f"{folder}/{name}.npy", mmap_mode="r") for name in "abc"]


def run_numpy(folder):
    import numpy as np
    a, b, c = mapped(folder)
    target = np.lib.format.open_memmap(f"{folder}/numpy.npy", "w+", a.dtype, a.shape)
    for start in range(0, len(a), ROWS):
        part = slice(start, start + ROWS)
        target[part] = np.sin(a[part]) * b[part] + np.sqrt(np.abs(c[part]))
    target.flush()


def run_whole(folder):
    import numpy as np
    a, b, c = mapped(folder)
    np.save(f"{folder}/whole.npy", np.sin(a) * b + np.sqrt(np.abs(c)))


def run_numexpr(folder):
    import numexpr
    import numpy as np
    numexpr.set_num_threads(2)
    a, b, c = mapped(folder)
    target = np.lib.format.open_memmap(f"{folder}/numexpr.npy", "w+", a.dtype, a.shape)
    numexpr.evaluate("sin(a)*b + sqrt(abs(c))", {"a": a, "b": b, "c": c}, out=target)
    target.flush()


def run_blosc2(folder):
    import blosc2
    blosc2.set_nthreads(2)
    a, b, c = (blosc2.open(f"{folder}/{name}.b2nd") for name in "abc")
    expression = blosc2.sin(a) * b + blosc2.sqrt(blosc2.abs(c))
    expression.compute(urlpath=f"{folder}/blosc2.b2nd", mode="w", chunks=CHUNK, cparams=cparams())


def run_dask(folder):
    import dask.array as da
    import zarr
    a, b, c = (da.from_zarr(f"{folder}/{name}.zarr").rechunk((ROWS, WIDTH)) for name in "abc")
    result = da.sin(a) * b + da.sqrt(da.absolute(c))
    target = zarr.create_array(f"{folder}/dask.zarr", shape=a.shape, dtype=a.dtype, chunks=CHUNK, compressors=codec(),
                               overwrite=True)
    result.store(target, scheduler="threads", num_workers=2, lock=False)


def cparams():
    import blosc2
    return {"codec": blosc2.Codec.LZ4, "clevel": 1, "filters": [blosc2.Filter.SHUFFLE]}


def codec():
    import zarr
    return zarr.codecs.BloscCodec(cname="lz4", shuffle="shuffle", clevel=1)


JOBS = {"numpy": run_numpy, "whole": run_whole, "numexpr": run_numexpr, "blosc2": run_blosc2, "dask": run_dask}


def make(folder):
    """The fields that the tool generated as `.npy`, stored as every other program likes them."""
    import blosc2
    import zarr
    for name, array in zip("abc", mapped(folder)):
        packed = zarr.create_array(f"{folder}/{name}.zarr", shape=array.shape, dtype=array.dtype, chunks=CHUNK,
                                   compressors=codec(), overwrite=True)
        target = blosc2.empty(array.shape, dtype=array.dtype, chunks=CHUNK, urlpath=f"{folder}/{name}.b2nd", mode="w",
                              cparams=cparams())
        for start in range(0, len(array), ROWS):
            packed[start:start + ROWS] = array[start:start + ROWS]
            target[start:start + ROWS] = array[start:start + ROWS]


def check(folder):
    import blosc2
    import numpy as np
    import zarr
    expected = np.load(f"{folder}/numpy.npy", mmap_mode="r")
    for name, found in (("tool", np.load(f"{folder}/out.npy", mmap_mode="r")),
                        ("packed tool", np.load(f"{folder}/unpacked.npy", mmap_mode="r")),
                        ("whole", np.load(f"{folder}/whole.npy", mmap_mode="r")),
                        ("numexpr", np.load(f"{folder}/numexpr.npy", mmap_mode="r")),
                        ("blosc2", blosc2.open(f"{folder}/blosc2.b2nd")),
                        ("dask", zarr.open_array(f"{folder}/dask.zarr", mode="r"))):
        for start in range(0, len(expected), ROWS):
            part = slice(start, start + ROWS)
            if not np.allclose(found[part], expected[part], rtol=1e-6, atol=1e-5 * np.abs(expected[part]).max()):
                raise SystemExit(f"{name} computed something else in rows {start} to {start + ROWS}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=256, help="MiB of each array")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder
    if arguments.job:
        {"make": make, "check": check, **JOBS}[arguments.job](folder)
        # Until the data is on the disk the job is not done; ours waits for that too.
        os.sync()
        return

    os.makedirs(folder, exist_ok=True)
    tool = ["mpirun", "--allow-run-as-root", "-n", "2", arguments.tool]

    def ours(*words):
        return tool + list(words) + ["--memory", "64MiB", "--json"]

    def job(name):
        return [sys.executable, os.path.abspath(__file__), arguments.tool, folder, "--job", name]

    def formula(kind, target):
        inputs = [word for name in "abc" for word in ("-i", f"{name}={folder}/{name}.{kind}")]
        return ours("eval", "sin(a)*b + sqrt(abs(c))", *inputs, "-o", f"{folder}/{target}", "--force")

    for seed, name in enumerate("abc"):
        measured(ours("generate", "--shape", f"{arguments.size},{WIDTH}", "--seed", str(seed), "--chunks", f"1,{WIDTH}",
                      "--force", f"{folder}/{name}.npy"))
        measured(ours("convert", f"{folder}/{name}.npy", f"{folder}/{name}.dnpy", "--chunks", f"1,{WIDTH}", "--force"))
    measured(job("make"))

    rows = [("DAStore, .npy to .npy", formula("npy", "out.npy")), ("NumPy, memmap by rows", job("numpy")),
            ("NumPy, memmap at once", job("whole")), ("numexpr, memmap", job("numexpr")),
            ("DAStore, .dnpy (LZ4 + shuffle)", formula("dnpy", "out.dnpy")), ("blosc2 lazy expression", job("blosc2")),
            ("dask + zarr", job("dask"))]
    times = {name: [] for name, _ in rows}
    memory = dict.fromkeys(times, 0)
    for _ in range(arguments.runs):
        for name, command in rows:
            seconds, peak, _ = measured(command)
            times[name].append(seconds)
            memory[name] = max(memory[name], peak)
    measured(ours("convert", f"{folder}/out.dnpy", f"{folder}/unpacked.npy", "--force"))
    measured(job("check"))
    print(f"| sin(a)*b + sqrt(abs(c)), 3 × {arguments.size} MiB | seconds (spread) | GB/s in and out | largest process |")
    print("|---|---|---|---|")
    for name, _ in rows:
        middle = statistics.median(times[name])
        print(f"| {name} | {middle:.2f} ({min(times[name]):.2f}–{max(times[name]):.2f}) "
              f"| {4 * arguments.size * 2**20 / middle / 1e9:.2f} | {memory[name] / 2**20:.0f} MiB |")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
