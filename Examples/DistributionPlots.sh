#!/usr/bin/env bash
# Draws how an array of 12 × 16 elements is dealt out over four ranks, one picture for each way, and counts in the
# pictures how many elements every rank owns.
#
#   DistributionPlots.sh FOLDER dastore-tool
#   DistributionPlots.sh FOLDER mpirun -n 3 dastore-tool
set -euo pipefail
folder=$1
shift

draw() { # name, distribution of each axis, process grid
  "${@:4}" distribution --quiet --shape 12,16 --dist "$2" --grid "$3" --plot "$folder/$1.svg" > /dev/null
  # Each part of the picture has a title: rank 3: [2:4, 3:6]
  grep -o '<title>rank [^<]*' "$folder/$1.svg" | awk -F'[^0-9]+' -v name="$1" '
    { owned[$2] += ($4 - $3) * ($6 - $5); parts++ }
    END {
      total = owned[0] + owned[1] + owned[2] + owned[3]
      printf "%s: %d parts, of %d + %d + %d + %d elements", name, parts, owned[0], owned[1], owned[2], owned[3]
      print (total == 12 * 16 ? "" : ", which are not all")
    }'
}

draw blocks b,b 2,2 "$@"
draw bounds b0:3:12,b0:4:16 2,2 "$@"
draw cyclic c,c 2,2 "$@"
draw block-cyclic c2,c5 2,2 "$@"
draw blocks-and-cycles b,c 2,2 "$@"
draw lists u0:5:7/1:2:10:11/3:4/6:8:9,n 4,1 "$@"
