#!/usr/bin/env bash
# Measures the engine against this machine's limits, and beside other programs on the same data.
#   Benchmarks/run.sh [FOLDER]      FOLDER: on the disk to be measured, with 8 GiB free; a temporary one without it
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d "${TMPDIR:-/tmp}/dastore-bench.XXXXXX")}
mkdir -p "$folder"
trap 'rm -rf "$folder/peers"; rmdir "$folder" 2>/dev/null || true' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

swift build -c release --static-swift-stdlib --product dastore-tool
tool=$(swift build -c release --static-swift-stdlib --show-bin-path)/dastore-tool

echo "== Stations of the walk, in memory"
swift package --package-path Benchmarks benchmark --no-progress

echo "== The engine as a share of this machine's limits: 2 ranks, 64 MiB each"
mpirun -n 2 "$tool" bench --memory 64MiB --verbose "$folder"

echo "== Starting"
for command in "$tool --version" "$tool info Formats/examples/small.dnpy"; do
  best=$(for _ in 1 2 3 4 5 6 7 8 9; do
    /usr/bin/env bash -c "TIMEFORMAT='%U %S'; time $command >/dev/null" 2>&1 | awk '{ print ($1 + $2) * 1000 }'
  done | sort -n | sed -n 5p)
  echo "$command: $best ms of processor time, median of 9"
done

echo "== Beside other programs"
venv=.build/peers
[ -x "$venv/bin/python3" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet numpy h5py zarr 'dask[array]' tensorstore blosc2 numexpr
"$venv/bin/python3" Benchmarks/peers.py "$tool" "$folder/peers"
"$venv/bin/python3" -B Benchmarks/formulas.py "$tool" "$folder/peers"
old=.build/rechunker
[ -x "$old/bin/python3" ] || python3 -m venv "$old"
"$old/bin/pip" install --quiet numpy 'zarr<3' 'dask[array]' rechunker
"$venv/bin/python3" -B Benchmarks/rechunk.py "$tool" "$folder/peers" --rechunker "$old/bin/python3"

echo "== Element-wise kernels beside NumPy, in cache"
"$venv/bin/python3" Benchmarks/ufuncs.py --markdown

echo "== Statistics along axes beside those of whole chunks, in cache"
"$venv/bin/python3" Benchmarks/axes.py --asked mean,max,argmax,std,all
