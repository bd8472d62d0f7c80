#!/bin/bash
# Trains two networks on MNIST with 1, 2, 3, 5 and 8 threads, in a debug build, and with what must not matter either, and
# fails where the SHA-256 of the parameters is not the same.
#
#   Scripts/same_bits.sh [FOLDER]      FOLDER: MNIST's IDX files, there or in mnist; BACKPROP_DATA unless told
#
# It runs what was built, .build/release/backprop and, if there is one, .build/debug/backprop.
set -euo pipefail
cd "$(dirname "$0")/.."

data="${1:-${BACKPROP_DATA:-}}"
release=.build/release/backprop debug=.build/debug/backprop
if ! compgen -G "$data/mnist/train-images*" > /dev/null && ! compgen -G "$data/train-images*" > /dev/null
then
  echo "skipped: no files of MNIST; name their folder, or set BACKPROP_DATA"
  exit 0
fi
[ -x "$release" ] || { echo "no $release: swift build -c release --product backprop" >&2; exit 1; }

runs="$(mktemp -d)"
trap 'rm -rf "$runs"' EXIT
sum() { if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }

failures=0 expected="" network=()
# Trains the network at hand, and compares its parameters with those of the first time.
#   variant NAME PROGRAM [FLAG…]
variant() {
  local name="$1" program="$2" seconds="$SECONDS" found verdict="the same"
  shift 2
  rm -rf "$runs/run"
  "$program" train mnist --data-dir "$data" "${network[@]}" --optimizer adam --epochs 2 --seed 1 \
    --output "$runs/run" --quiet "$@" > "$runs/log" || { cat "$runs/log" >&2; exit 1; }
  found="$(sum "$runs/run/model.safetensors" | cut -d ' ' -f 1)"
  if [ -z "$expected" ]; then
    expected="$found" verdict="$found"
  elif [ "$found" != "$expected" ]; then
    verdict="DIFFERS: $found"
    failures=$((failures + 1))
  fi
  printf '  %-28s %4d s  %s\n' "$name" $((SECONDS - seconds)) "$verdict"
}

# What may not change the parameters.
variants() {
  local threads
  expected=""
  for threads in 1 2 3 5 8; do variant "threads $threads" "$release" --threads "$threads"; done
  variant "explain-every 50" "$release" --threads 2 --explain-every 50
  variant "a checkpoint each 100 steps" "$release" --threads 2 --checkpoint-every "100 steps"
  variant "no checkpoint" "$release" --threads 2 --checkpoint-every never
  if [ -x "$debug" ]; then
    variant "debug build" "$debug" --threads 1
  else
    echo "  debug build: skipped, there is no $debug"
  fi
}

echo "784-100-10, Adam, 2 epochs: SHA-256 of model.safetensors"
network=(--network "784-100-10 relu" --loss softmax-cross-entropy)
variants
echo "four layers with dropout, batches of 256, Adam, 2 epochs"
network=(--batch-size 256 --network
  "[dense: 256, relu, dropout: 0.2, dense: 128, relu, dropout: 0.3, dense: 64, relu, dropout: 0.1, dense: _]")
variants
echo "the same on other paths (one that the CPU lacks is its best)"
expected=""
for kernels in avx512 avx2; do
  BACKPROP_KERNELS="$kernels" variant "kernels $kernels" "$release" --threads 2
done

if [ "$failures" -gt 0 ]; then
  echo "FAILED: $failures of the runs have other parameters" >&2
  exit 1
fi
