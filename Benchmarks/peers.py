#!/usr/bin/env python3
"""The same jobs on the same data by DAStore and by what people would use instead, side by side.

    peers.py TOOL FOLDER [--size GiB] [--runs N]

Jobs: statistics (sum, mean, std, min, max) of a float32 field stored uncompressed and as LZ4 + byte shuffle, and
converting the one into the other. Every program may use both cores. Each job runs in a process of its own, in turn
with the others; the median wall time of the runs is stated with the largest resident memory of any single process.
Answers are compared: a program that computes something else stops the run.
"""
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time

CHUNK = (1, 512, 512)
FORMATS = {"numpy memmap": "npy", "h5py": "h5", "zarr-python": "zarr", "dask + zarr": "zarr", "tensorstore": "zarr",
           "blosc2": "b2nd"}


def batches(shape, rows=16):
    return [slice(start, min(start + rows, shape[0])) for start in range(0, shape[0], rows)]


def fold(blocks):
    """Sum, mean, std, min, max of blocks in one pass, as a careful user would write it."""
    import numpy as np
    count, total, squares, low, high = 0, 0.0, 0.0, math.inf, -math.inf
    for block in blocks:
        part = np.asarray(block)
        mean = part.mean(dtype=np.float64)
        squares += part.var(dtype=np.float64) * part.size
        if count:
            squares += (mean - total / count) ** 2 * count * part.size / (count + part.size)
        total += mean * part.size
        count += part.size
        low, high = min(low, float(part.min())), max(high, float(part.max()))
    return {"sum": total, "mean": total / count, "std": math.sqrt(squares / count), "min": low, "max": high}


def open_zarr(folder, name):
    import zarr
    return zarr.open_array(f"{folder}/{name}.zarr", mode="r")


def stats(program, folder, name):
    import numpy as np
    if program == "numpy memmap":
        array = np.load(f"{folder}/{name}.npy", mmap_mode="r")
        return fold(array[part] for part in batches(array.shape))
    if program == "h5py":
        import h5py
        with h5py.File(f"{folder}/{name}.h5") as file:
            array = file["data"]
            return fold(array[part] for part in batches(array.shape))
    if program == "zarr-python":
        array = open_zarr(folder, name)
        return fold(array[part] for part in batches(array.shape))
    if program == "dask + zarr":
        import dask
        import dask.array as da
        array = da.from_zarr(f"{folder}/{name}.zarr").rechunk((16, 512, 512))
        keys = ("sum", "mean", "std", "min", "max")
        work = [array.sum(dtype="f8"), array.mean(dtype="f8"), array.std(dtype="f8"), array.min(), array.max()]
        return dict(zip(keys, map(float, dask.compute(*work, scheduler="threads", num_workers=2))))
    if program == "tensorstore":
        import tensorstore as ts
        array = ts.open({"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{folder}/{name}.zarr/"},
                         "context": {"data_copy_concurrency": {"limit": 2}}}).result()
        return fold(array[part].read().result() for part in batches(array.shape))
    if program == "blosc2":
        import blosc2
        blosc2.set_nthreads(2)
        array = blosc2.open(f"{folder}/{name}.b2nd")
        return fold(array[part] for part in batches(array.shape))
    raise SystemExit(f"no job for {program}")


def convert(program, folder, source, packed):
    """Stores the .npy field `source` again, compressed (or not) as the program does it best."""
    import numpy as np
    array = np.load(f"{folder}/{source}.npy", mmap_mode="r")
    name = "packed" if packed else "raw"
    if program == "h5py":
        import h5py
        options = {"compression": "lzf", "shuffle": True} if packed else {}
        with h5py.File(f"{folder}/{name}.h5", "w") as file:
            target = file.create_dataset("data", array.shape, array.dtype, chunks=CHUNK, **options)
            for part in batches(array.shape):
                target[part] = array[part]
            file.flush()
    elif program in ("zarr-python", "dask + zarr"):
        import zarr
        codec = zarr.codecs.BloscCodec(cname="lz4", shuffle="shuffle", clevel=1) if packed else None
        path = f"{folder}/{name}.zarr"
        shutil.rmtree(path, ignore_errors=True)
        target = zarr.create_array(path, shape=array.shape, dtype=array.dtype, chunks=CHUNK,
                                   compressors=codec)
        if program == "zarr-python":
            for part in batches(array.shape):
                target[part] = array[part]
        else:
            import dask.array as da
            da.from_array(array, chunks=(16, 512, 512)).store(target, scheduler="threads", num_workers=2, lock=False)
    elif program == "tensorstore":
        import tensorstore as ts
        path = f"{folder}/{name}-ts.zarr"
        shutil.rmtree(path, ignore_errors=True)
        codec = [{"name": "blosc", "configuration": {"cname": "lz4", "shuffle": "shuffle", "clevel": 1, "typesize": 4,
                                                    "blocksize": 0}}] if packed else []
        target = ts.open({"driver": "zarr3", "kvstore": {"driver": "file", "path": path + "/"},
                          "metadata": {"shape": array.shape, "data_type": "float32",
                                       "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": CHUNK}},
                                       "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}] + codec}},
                         create=True).result()
        for part in batches(array.shape):
            target[part].write(array[part]).result()
        shutil.rmtree(path)
    elif program == "blosc2":
        import blosc2
        blosc2.set_nthreads(2)
        level = {"codec": blosc2.Codec.LZ4, "clevel": 1 if packed else 0, "filters": [blosc2.Filter.SHUFFLE]}
        target = blosc2.empty(array.shape, dtype=array.dtype, chunks=CHUNK, urlpath=f"{folder}/{name}.b2nd", mode="w",
                              cparams=level)
        for part in batches(array.shape):
            target[part] = array[part]
    # Until the data is on the disk the job is not done; ours waits for that too.
    os.sync()
    return {}


def measured(command):
    """Wall seconds, largest resident bytes of one process, and what the command printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return seconds, usage.ru_maxrss * 1024, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=1, help="GiB of the field")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder
    if arguments.job:
        kind, program, detail = arguments.job.split(":")
        if kind == "stats":
            print(json.dumps(stats(program, folder, detail)))
        else:
            convert(program, folder, "field", detail == "packed")
        return

    os.makedirs(folder, exist_ok=True)
    mpirun = ["mpirun", "--allow-run-as-root", "-n", "2"]
    tool = [arguments.tool]
    shape = f"{arguments.size * 1024},512,512"

    def ours(*words):
        return mpirun + tool + list(words) + ["--memory", "64MiB", "--json"]

    for target, options in (("field.npy", []), ("raw.dnpy", ["--codec", "none", "--shuffle", "none"]), ("packed.dnpy", [])):
        measured(ours("generate", "--shape", shape, "--chunks", "1,512,512", "--force", *options, f"{folder}/{target}"))

    def job(kind, program, detail):
        return [sys.executable, os.path.abspath(__file__), arguments.tool, folder, "--job", f"{kind}:{program}:{detail}"]

    expected = json.loads(measured(ours("stats", f"{folder}/field.npy"))[2])
    for program in FORMATS:
        if program not in ("numpy memmap", "dask + zarr", "tensorstore"):  # these three read what the others wrote
            for detail in ("raw", "packed"):
                measured(job("convert", program, detail))

    table = [
        ("stats, uncompressed", [("DAStore, 2 ranks", ours("stats", f"{folder}/raw.dnpy"))]
         + [(program, job("stats", program, "field" if program == "numpy memmap" else "raw")) for program in FORMATS]),
        ("stats, LZ4 + shuffle", [("DAStore, 2 ranks", ours("stats", f"{folder}/packed.dnpy"))]
         + [(program, job("stats", program, "packed")) for program in FORMATS if program != "numpy memmap"]),
        ("convert .npy to LZ4 + shuffle",
         [("DAStore, 2 ranks", ours("convert", f"{folder}/field.npy", f"{folder}/out.dnpy", "--chunks", "1,512,512", "--force"))]
         + [(program, job("convert", program, "packed")) for program in FORMATS if program != "numpy memmap"]),
    ]
    for title, rows in table:
        times = {name: [] for name, _ in rows}
        memory = dict.fromkeys(times, 0)
        for _ in range(arguments.runs):
            for name, command in rows:
                seconds, peak, text = measured(command)
                if title.startswith("stats"):
                    answer = json.loads(text)
                    for key in ("mean", "std", "min", "max"):
                        if not math.isclose(answer[key], expected[key], rel_tol=1e-6):
                            raise SystemExit(f"{name}: {key} is {answer[key]}, expected {expected[key]}")
                times[name].append(seconds)
                memory[name] = max(memory[name], peak)
        print(f"\n{title}, {arguments.size} GiB of float32, median of {arguments.runs}\n")
        print("| program | seconds | GB/s | times ours | peak memory, MiB |\n|---|---|---|---|---|")
        own = statistics.median(times["DAStore, 2 ranks"])
        for name, _ in rows:
            seconds = statistics.median(times[name])
            print(f"| {name} | {seconds:.2f} | {arguments.size * 2**30 / seconds / 1e9:.2f} | {seconds / own:.1f} "
                  f"| {memory[name] / 2**20:.0f} |", flush=True)
    for name in os.listdir(folder):
        path = f"{folder}/{name}"
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


if __name__ == "__main__":
    main()
