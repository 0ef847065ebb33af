#!/usr/bin/env bash
# Builds the examples and runs each alone and on three ranks. Fails when an answer is wrong or depends on the number of
# ranks, or when README.md shows another program than Examples/Sources/ReadmeFirst.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  printf 'examples: %s\n' "$@" >&2
  exit 1
}

# The indented block under "In Swift", and the example without its opening comment.
readme() { sed -n '/^## In Swift/,/^## What/p' ../README.md | sed -n 's/^    //p; /^$/p' | sed '/./,$!d'; }
example() { sed '1,/^$/d' Sources/ReadmeFirst/main.swift; }
diff <(readme | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}') <(example) ||
  fail "README.md and Examples/Sources/ReadmeFirst/main.swift are different programs"

swift build
swift build --package-path .. --product dastore-tool
bin=$(swift build --show-bin-path)
tool=$(swift build --package-path .. --show-bin-path)/dastore-tool
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Runs an example in a fresh folder; its answer must be `wanted`, alone and on three ranks.
check() { # name, wanted answer, arguments
  local name=$1 wanted=$2 launcher answer
  shift 2
  for launcher in "" "mpirun -n 3"; do
    answer=$(cd "$folder" && $launcher "$bin/$name" "$@") || fail "$name failed (${launcher:-alone}): $answer"
    [ "$answer" = "$wanted" ] || fail "$name (${launcher:-alone}) answered" "$answer" "instead of" "$wanted"
  done
  printf '%s, alone and on 3 ranks:\n%s\n' "$name" "$answer"
}

"$tool" generate --quiet --shape 8,6,4 --chunks 3,6,4 "$folder/volume.dnpy"
mean=$("$tool" stats --quiet "$folder/volume.dnpy[:, 0, 0]" | sed -n 's/^mean *//p')
largest=$("$tool" eval --quiet 'max(abs((x - mean(x, axis=0)) / std(x, axis=0)))' -i "x=$folder/volume.dnpy")
check ReadmeFirst "[6, 4] $mean $largest"
check StreamingStatistics \
  "means and maxima over axis 0 are right at 1920 places; the last ones are 1519.5 and 3000.0" "$folder"
check AppendTimeSteps "generation 1: shape [1, 32, 24], sum 294528, as it should be
generation 2: shape [2, 32, 24], sum 1357056, as it should be
generation 3: shape [3, 32, 24], sum 3187584, as it should be
generation 4: shape [4, 32, 24], sum 5786112, as it should be" "$folder"
check MonteCarloPi "785170 of 1000000 points are inside: π is about 3.14068"
check JuliaSet "a grid of [129, 193] points, 8059 of them still near after 24 steps; symmetrical, as it should be" "$folder"
check SeismicVolume "the layer is found under all 1920 places, at 20 under (20, 30); depth 19 is the loudest" "$folder"
check HeatEquation "the middle of the plate cooled from 1 to 0.842457
as the formula says, everywhere"
check GaussianElimination "96 equations solved: the unknowns are 1 to 96, and every equation holds
the first pivot is in row 39; the determinant is -exp(114.650503)"

mkdir "$folder/alone" "$folder/ranks"
plots=$(./DistributionPlots.sh "$folder/alone" "$tool")
[ "$plots" = "blocks: 4 parts, of 48 + 48 + 48 + 48 elements
bounds: 4 parts, of 12 + 36 + 36 + 108 elements
cyclic: 192 parts, of 48 + 48 + 48 + 48 elements
block-cyclic: 24 parts, of 60 + 36 + 60 + 36 elements
blocks-and-cycles: 32 parts, of 48 + 48 + 48 + 48 elements
lists: 8 parts, of 48 + 64 + 32 + 48 elements" ] || fail "DistributionPlots.sh answered" "$plots"
./DistributionPlots.sh "$folder/ranks" mpirun -n 3 "$tool" > "$folder/plots.txt"
[ "$plots" = "$(cat "$folder/plots.txt")" ] || fail "DistributionPlots.sh on 3 ranks:" "$(cat "$folder/plots.txt")"
diff -r "$folder/alone" "$folder/ranks" || fail "pictures of 3 ranks differ"
printf 'DistributionPlots, alone and on 3 ranks:\n%s\n' "$plots"
