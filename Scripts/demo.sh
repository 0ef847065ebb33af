#!/usr/bin/env bash
# The main job, watched: two ranks turn real and generated volumes into compressed files and stream statistics from them,
# in less memory than the volumes occupy. Every answer is checked.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=${1:?usage: Scripts/demo.sh path-to-dastore-tool}
ranks=2
memory=64MiB
# What a rank's process needs beside its budget, at most: program, MPI, stacks.
overhead=$((32 << 20))
folder=demo-output

# The same on a laptop, as root, and in a container that forbids ranks to read each other's memory.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none HWLOC_COMPONENTS=-gl
unset DISPLAY

fail() {
  printf '\nDEMO FAILED: %s\n' "$*" >&2
  exit 1
}

need=3000 # MB: a 1 GiB volume as it is, compressed, and room to breathe
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -ge $need ] || fail "$need MB of disk are needed here, $free MB are free"
rm -rf $folder
mkdir $folder
trap 'rm -rf $folder' EXIT

answer=
run() { # a command of the tool; its JSON is left in $answer, on a line per key
  answer=$(mpirun -n $ranks "$tool" "$@" --memory $memory --json | tr -d '\n' | sed 's/\[ */[/g; s/ *\]/]/g; s/, *"/\n"/g') ||
    fail "dastore-tool $1 ended with an error, see above"
  local peak
  peak=$(value peak_bytes | tr -c '0-9\n' '\n' | sort -n | tail -n 1)
  [ "$peak" -le $(((64 << 20) + overhead)) ] || fail "$1 took $peak bytes of memory in one rank: more than it was given"
  [ "$peak" -le "$highest" ] || highest=$peak
}
highest=0
value() { # of one key of the last answer
  sed -n "s/^[{ ]*\"$1\" : \(.*[^ }]\)[ }]*$/\1/p" <<<"$answer" | head -n 1 | tr -d ' "'
}
expect() { # key, value, what it is
  [ "$(value "$1")" = "$2" ] || fail "$3: expected $2, found $(value "$1")"
}
mb() { awk -v bytes="$1" 'BEGIN { printf "%.0f MB", bytes / 1e6 }'; }
speed() { awk -v bytes="$1" -v seconds="$(value seconds)" 'BEGIN { printf "%.1f s, %.2f GB/s", seconds, bytes / seconds / 1e9 }'; }
memory_text() { awk -v bytes="$highest" 'BEGIN { printf "%.0f MiB", bytes / 1048576 }'; }

store() { # source, target
  run convert "$1" "$2"
  logical=$(value logical_bytes)
  printf '  stored     %s became %s in chunks of %s: %s\n' \
    "$(mb "$logical")" "$(mb "$(value stored_bytes)")" "$(value chunks)" "$(speed "$logical")"
}
measure() { # file
  run stats "$1"
  printf '  measured   twelve statistics in one pass: %s\n' "$(speed "$logical")"
}
check() { # source, target, known digest or nothing
  local source=$1 target=$2 known=${3:-} digest
  run digest "$source"
  digest=$(value digest)
  [ -z "$known" ] || expect digest "$known" "digest of $source"
  run digest "$target"
  expect digest "$digest" "digest of $target"
  run verify "$target"
  expect sound true "checksums of $target"
  printf '  checked    every checksum; content digest %s, that of the source\n' "$digest"
}

printf 'Two ranks, each with %s for data.\n\n' $memory

source=Examples/Data/globe_land_mask.npz:mask
printf '1. The land mask of the Earth, 21600 x 43200 cells of half a minute of arc, from a NumPy archive\n'
store $source $folder/mask.dnpy
measure $folder/mask.dnpy
expect count 933120000 "cells"
expect sum 623551288 "cells of ocean"
expect mean 0.6682434070644718 "share of ocean cells"
printf '  answer     623,551,288 cells of ocean out of 933,120,000, as it should be\n'
check $source $folder/mask.dnpy
printf '  memory     at most %s resident in a rank, for an array of %s\n\n' "$(memory_text)" "$(mb "$logical")"

highest=0
volume=$folder/volume.npy
printf '2. A generated volume, 256 x 1024 x 1024 float32: a smooth field with noise\n'
run generate --shape 256,1024,1024 $volume
printf '  generated  %s as a NumPy file: %s\n' "$(mb "$(value stored_bytes)")" "$(speed "$(value logical_bytes)")"
store $volume $folder/volume.dnpy
measure $folder/volume.dnpy
expect count 268435456 "elements"
expect sum 75161931068.14062 "sum of the volume"
expect min 254.5 "smallest element"
expect max 305.5 "largest element"
printf '  answer     mean %s, from %s to %s, as it should be\n' "$(value mean)" "$(value min)" "$(value max)"
check $volume $folder/volume.dnpy dd1:9f16967fff8c768c551496bd22f4197c
printf '  memory     at most %s resident in a rank, for an array of %s\n\n' "$(memory_text)" "$(mb "$logical")"

printf 'All answers are right. %s is removed again; try the tool yourself:\n' $folder
printf '  %s stats %s\n' "${tool#"$PWD"/}" $source
