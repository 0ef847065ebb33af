#!/bin/sh
# Fuzzes the decoders: run.sh SECONDS [TARGET…]. Needs the Swift toolchain only.
#
# Builds the package with coverage and address checks below .build/fuzz, then runs every target for SECONDS in its own
# process. Corpora stay in .build/fuzz/corpus and grow from run to run; they begin with the seeds that the targets make and
# with the inputs in Tests/Fuzz/seeds/<target>, each of which once was a defect. Exit status 1 when anything was found;
# the input then lies in .build/fuzz/findings.
set -eu
seconds=${1:?usage: Tests/Fuzz/run.sh SECONDS [TARGET…]}
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
work=$root/.build/fuzz

toolchain=$(dirname "$(dirname "$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')")")
fuzzer=$(find "$toolchain" -name "libclang_rt.fuzzer_no_main*-$(uname -m).a" 2>/dev/null | head -n 1)
[ -n "$fuzzer" ] || fuzzer=$(find "$toolchain" -path "*$(uname -m)*" -name "libclang_rt.fuzzer_no_main*.a" | head -n 1)
[ -n "$fuzzer" ] || { echo "libFuzzer is not in this Swift toolchain ($toolchain)" >&2; exit 2; }

echo "Building the fuzzer (several minutes the first time)"
began=$(date +%s)
# The program finds libFuzzer's driver by its name at run time, so that it needs no build of its own kind.
swift build -c release --product dastore-fuzz --scratch-path "$work/build" --sanitize=address \
  -Xswiftc -sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table \
  -Xlinker "$fuzzer" -Xlinker -lstdc++ -Xlinker --undefined=LLVMFuzzerRunDriver \
  -Xlinker --export-dynamic-symbol=LLVMFuzzerRunDriver >"$work.log" 2>&1 || { cat "$work.log" >&2; exit 2; }
program=$(swift build -c release --product dastore-fuzz --scratch-path "$work/build" --show-bin-path)/dastore-fuzz
echo "Built in $(($(date +%s) - began)) s"

# Without this a crash hangs for minutes in the search for symbols.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:detect_odr_violation=0
found=0
DASTORE_FUZZ_FOLDER=
trap 'rm -rf "$DASTORE_FUZZ_FOLDER"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/findings" "$work/logs"
"$program" --list >"$work/targets"
while read -r target limit; do
  if [ $# -gt 0 ]; then case " $* " in *" $target "*) ;; *) continue ;; esac; fi
  export DASTORE_FUZZ_TARGET="$target"
  corpus=$work/corpus/$target
  DASTORE_FUZZ_FOLDER=$(mktemp -d /dev/shm/dastore-fuzz-XXXXXX 2>/dev/null || mktemp -d)
  export DASTORE_FUZZ_FOLDER
  mkdir -p "$corpus"
  "$program" --write-seeds "$corpus"
  if [ -d "Tests/Fuzz/seeds/$target" ]; then cp "Tests/Fuzz/seeds/$target/"* "$corpus/"; fi
  log=$work/logs/$target
  status=0
  "$program" "$corpus" -max_total_time="$seconds" -max_len="$limit" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$work/findings/$target-" >"$log" 2>&1 </dev/null || status=$?
  rm -rf "$DASTORE_FUZZ_FOLDER"
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)
  if [ "$status" -eq 0 ]; then
    echo "$target: ${runs:-?} executions, ${coverage:-?}"
  else
    found=1
    echo "$target: FINDING (status $status) after ${coverage:-?}; $log"
    grep -E "finding in|Fatal error|ERROR:|Test unit written|ALARM" "$log" | head -n 6
  fi
done <"$work/targets"
exit $found
