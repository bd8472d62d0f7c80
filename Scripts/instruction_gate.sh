#!/bin/bash
# Counts the instructions of a training step of small networks, which do not drift with the machine's
# mood as times do, and fails where a count is more than 3 % above the stored one.
#
#   Scripts/instruction_gate.sh            # compares with Tests/InstructionSteps/counts.txt
#   Scripts/instruction_gate.sh --update   # stores the counts of today
#
# The kernels are those of AVX2: valgrind knows no AVX-512.
set -euo pipefail
cd "$(dirname "$0")/.."
stored=Tests/InstructionSteps/counts.txt
short=4 long=12  # steps of the two runs; both are multiples of the batches in the data

if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "skipped: the stored counts are of Linux on x86-64"
  exit 0
fi
if ! command -v valgrind > /dev/null; then
  if ! { apt-get update -q && apt-get install -y -q valgrind; } > /dev/null 2>&1; then
    echo "skipped: there is no valgrind, and it cannot be installed"
    exit 0
  fi
fi

swift build -c release --product InstructionSteps
built="$(swift build -c release --show-bin-path)/InstructionSteps"
program="$built-stripped"
strip -o "$program" "$built"  # valgrind refuses the debug information of some linkers

# The instructions of a whole run. Without deterministic hashing they would differ from run to run.
count() {
  local messages
  messages="$(SWIFT_DETERMINISTIC_HASHING=1 BACKPROP_KERNELS=avx2 valgrind --tool=callgrind \
    --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1)" || { echo "$messages" >&2; exit 1; }
  echo "$messages" | awk '/Collected/ { print $NF }'
}

failures=0
counts=""
while read -r name; do
  first="$(count "$name" $short)"
  second="$(count "$name" $long)"
  now=$(((second - first) / (long - short)))
  counts+="$name $now"$'\n'
  before="$(awk -v name="$name" '$1 == name { print $2 }' "$stored" 2> /dev/null || true)"
  if [ -z "$before" ]; then
    echo "$name: $now instructions a step, none stored"
    [ "${1:-}" = --update ] || failures=$((failures + 1))
    continue
  fi
  change="$(awk -v a="$now" -v b="$before" 'BEGIN { printf "%+.1f %%", 100 * (a / b - 1) }')"
  echo "$name: $now instructions a step, $change of the stored $before"
  if [ $((now * 100)) -gt $((before * 103)) ]; then failures=$((failures + 1)); fi
done < <("$program" list)

if [ "${1:-}" = --update ]; then
  printf '%s' "$counts" > "$stored"
  echo "stored in $stored"
elif [ $failures -gt 0 ]; then
  echo "FAILED: $failures of the counts; if that is meant, run with --update and commit" >&2
  exit 1
fi
