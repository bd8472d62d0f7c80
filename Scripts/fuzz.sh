#!/bin/bash
# Fuzzes the readers of files, each for some seconds: Tests/Fuzz says what a target does, Design/threat-model.md why.
#
#   Scripts/fuzz.sh [--seconds N] [--jobs N] [TARGET…]
#
# Without targets all are run. A finding (a trap, an error of memory, more than a gigabyte, ten seconds for one input)
# ends with exit code 1, and its input stands in .build_fuzz/findings. What was learnt stays in .build_fuzz/corpus, and
# the next run goes on from there. Where the toolchain has no libFuzzer, this says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=10
jobs=2
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds="$2"; shift 2 ;;
    --jobs) jobs="$2"; shift 2 ;;
    -*) sed -n '2,/^set/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'; exit 64 ;;
    *) targets+=("$1"); shift ;;
  esac
done

scratch="$PWD/.build_fuzz"
mkdir -p "$scratch/findings" "$scratch/logs" "$scratch/corpus"

echo '@_cdecl("LLVMFuzzerTestOneInput") public func test(_: UnsafePointer<UInt8>, _: Int) -> CInt { 0 }' \
  > "$scratch/probe.swift"
if ! swiftc -parse-as-library -sanitize=fuzzer,address "$scratch/probe.swift" -o "$scratch/probe" \
  > "$scratch/logs/probe.log" 2>&1; then
  echo "skipped: this toolchain has no libFuzzer"
  exit 0
fi

# For a long run optimised code is worth its compilation.
started=$SECONDS
if [ "$seconds" -ge 60 ]; then
  export BACKPROP_FUZZ=optimized
  build=(swift build -c debug --scratch-path "$PWD/.build_fuzz_optimized" --product Fuzz)
else
  export BACKPROP_FUZZ=plain
  build=(swift build -c debug --scratch-path "$scratch" --product Fuzz)
fi
"${build[@]}" > "$scratch/logs/build.log" 2>&1 || { cat "$scratch/logs/build.log" >&2; exit 1; }
program="$("${build[@]}" --show-bin-path)/Fuzz"
echo "built in $((SECONDS - started)) s"
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <("$program")

# One target. Small inputs reach every branch of these readers; what large ones do, tests say.
fuzz() {
  local target="$1" log="$scratch/logs/$1.log" length=4096
  case "$target" in
    csv) length=512 ;;
    json | run-json | yaml) length=3000 ;;
    *-text) length=128 ;;
  esac
  mkdir -p "$scratch/corpus/$target"
  local options=(
    -max_total_time="$seconds" -max_len="$length" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256
    -artifact_prefix="$scratch/findings/$target-" -print_final_stats=1 -print_funcs=0
  )
  local words="Tests/Fuzz/Dictionaries/$target.dict"
  [ ! -e "$words" ] || options+=(-dict="$words")
  if FUZZ_TARGET="$target" "$program" "${options[@]}" "$scratch/corpus/$target" \
    "$PWD/Tests/Fuzz/Seeds/$target" > "$log" 2>&1; then
    awk -v target="$target" '
      $2 == "DONE" { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "ft:") ft = $(i + 1) } }
      /number_of_executed_units/ { runs = $2 }
      /average_exec_per_sec/ { rate = $2 }
      /peak_rss_mb/ { peak = $2 }
      END { printf "  %-12s %9d inputs, %6d a second, %5d edges, %6d features, %4d MiB\n", target, runs, rate, cov, ft, peak }
    ' "$log"
  else
    echo "  $target: FINDING, see $log" >&2
    grep -aE 'Fatal error|ERROR: |SUMMARY|Test unit written' "$log" | cut -c1-400 >&2 || true
    return 1
  fi
}
export -f fuzz
export program scratch seconds
# A crash shall end at once, without a backtrace of minutes; libFuzzer watches the memory.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16:allocator_may_return_null=0:handle_abort=1

printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I {} bash -c 'fuzz {}' || exit 1
