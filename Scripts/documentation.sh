#!/bin/bash
# Builds one combined archive of all public library modules, warnings as errors, and checks that
# the pages everybody looks for are in it.
#
#   Scripts/documentation.sh [OUTPUT]      OUTPUT: a folder, .build/documentation unless told
set -euo pipefail
cd "$(dirname "$0")/.."

output="${1:-.build/documentation}"
mkdir -p "$output"
output="$(cd "$output" && pwd)"
modules=(BackpropCore BackpropExecution Backprop BackpropTesting)

targets=()
for module in "${modules[@]}"; do targets+=(--target "$module"); done
swift package --allow-writing-to-directory "$output" generate-documentation "${targets[@]}" \
  --enable-experimental-combined-documentation --warnings-as-errors --output-path "$output"

missing=0
for page in \
  backprop backpropcore backpropexecution backproptesting \
  backprop/trainingstep backpropcore/tensor backprop/dense \
  backprop/gettingstarted backprop/fromthechainruletotheplan backprop/conventions \
  backprop/runfolders backprop/reproduciblenumbers; do
  if [ ! -s "$output/data/documentation/$page.json" ]; then
    echo "documentation: no page for $page" >&2
    missing=1
  fi
done
[ "$missing" = 0 ] || exit 1
echo "documentation: $(find "$output/data/documentation" -name '*.json' | wc -l) pages in $output"
