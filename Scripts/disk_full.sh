#!/bin/bash
# Trains where it cannot be saved: on a full disk, in a folder that becomes read-only or goes away, from
# checkpoints that were cut short. The training must go on as long as it can, say in a line what is wrong,
# leave nothing half written, and end at the same bits after all.
#
#   Scripts/disk_full.sh BACKPROP        BACKPROP: the built command
#
# The disk is a small tmpfs: it takes root, who may mount. Linux.
set -euo pipefail
backprop="$(realpath "${1:?the built command}")"
cd "$(dirname "$0")"

place="$(mktemp -d)"
disk="$place/disk"
process=""
cleanup() {
  if [ -n "$process" ]; then kill -KILL "$process" 2> /dev/null || true; fi
  umount "$disk/run" 2> /dev/null || true
  umount "$disk" 2> /dev/null || true
  rm -rf "$place"
}
trap cleanup EXIT

mkdir "$disk"
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=4m none "$disk" 2> /dev/null; then
  echo "skipped: nobody but root may mount a small disk, and not everywhere"
  exit 0
fi
umount "$disk"

failures=0
check() {  # check WHAT COMMAND…: the command must succeed
  if "${@:2}" > "$place/check" 2>&1; then
    echo "  passed: $1"
  else
    echo "  FAILED: $1"
    tail -q -n 3 "$place/check" "$place/errors" | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

# A checkpoint has 600 kB, 450 kB before the first epoch has ended; the model 150 kB.
training=(digits --network "_-500-_ relu" --batch-size 4 --epochs 60 --seed 3
  --checkpoint-every "100 steps" --quiet)
run="$disk/run"

# prepare SIZE TITLE: makes a fresh disk with a file of others on it, which can be removed to make room.
prepare() {
  printf '\n%s\n' "$2"
  if mountpoint -q "$disk"; then umount "$disk"; fi
  mount -t tmpfs -o size="$1" none "$disk"
  head -c 1500000 /dev/zero > "$disk/others"
}

# Starts a training in the background.
start() {
  "$backprop" train "${training[@]}" --output "$run" "$@" > "$place/output" 2> "$place/errors" &
  process=$!
}

# Waits until a command succeeds, and stops the training there.
stop_when() {
  while ! "$@" > /dev/null 2>&1; do
    kill -0 "$process" 2> /dev/null || { echo "FAILED: too late for: $*" >&2; exit 1; }
    sleep 0.002
  done
  kill -STOP "$process"
}

# Lets the training go on to its end; $status is its exit status.
go_on() {
  kill -CONT "$process"
  status=0
  { wait "$process" || status=$?; } 2> /dev/null
  process=""
}

# Fills the disk up to so many kilobytes.
fill() {
  local room
  room="$(df --output=avail -k "$disk" | tail -n 1)"
  if [ "$room" -gt "$1" ]; then head -c $(((room - $1) * 1024)) /dev/zero > "$disk/filling"; fi
}

resume() {
  status=0
  "$backprop" train --resume "$run" --quiet "$@" > "$place/output" 2> "$place/errors" || status=$?
}

has_checkpoints() { [ -e "$run/checkpoints/checkpoint-00000$1.safetensors" ]; }
has_warned() { grep -q 'the training goes on$' "$place/errors"; }
readable() { ./checkpoint_reader.py "$run"/checkpoints/*.safetensors; }
same_bits() { cmp "$place/whole/model.safetensors" "$run/model.safetensors"; }
nothing_half() { [ -z "$(find "$disk" -name '*.tmp')" ]; }
not_finished() { [ ! -e "$run/run.json" ]; }
# ends STATUS PATTERN: how it ended, and what its last line is; all lines before are warnings.
ends() {
  [ "$status" = "$1" ] && tail -n 1 "$place/errors" | grep -qE "^backprop: error: $2$" \
    && ! sed '$d' "$place/errors" | grep -v '^backprop: warning: cannot write .*; the training goes on$'
}
ends_well() { [ "$status" = 0 ] && [ ! -s "$place/errors" ]; }
# warns PATTERN: the first line is this warning.
warns() { head -n 1 "$place/errors" | grep -qE "^backprop: warning: $1$"; }

full="No space left on device"
again="go on with: backprop train --resume $run"
echo "The same training on a large disk"
"$backprop" train "${training[@]}" --output "$place/whole" > "$place/output"

prepare 4m "A disk that fills up with checkpoints"
start --keep-checkpoints 50
stop_when has_warned
fill 48
go_on
check "a warning, and the training goes on" warns "cannot write $run/checkpoints/.*: $full; the training goes on"
check "the model does not fit: status 1, and how to go on" \
  ends 1 "cannot write $run/model.safetensors: $full; $again"
check "at least three checkpoints, all readable" eval 'has_checkpoints 3 && readable'
check "nothing half written" nothing_half
check "not called finished" not_finished
rm -f "$disk/filling" "$disk/others"
resume --keep-checkpoints 2
check "with room again it resumes" ends_well
check "same bits" same_bits
check "nothing half written" nothing_half

prepare 4m "A disk on which not a line fits"
start --keep-checkpoints 50
stop_when has_checkpoints 3
fill 0
go_on
check "the training goes on to its end: status 1, and how to go on" \
  ends 1 "cannot write $run/model.safetensors: $full; $again"
check "the checkpoints are readable" readable
check "nothing half written" nothing_half
resume
check "resuming on the full disk: status 1, a line" ends 1 "cannot write $run/[a-z.]*: $full(; $again)?"
rm -f "$disk/filling" "$disk/others"
resume --keep-checkpoints 2
check "with room again it resumes" ends_well
check "same bits" same_bits
check "nothing half written" nothing_half

prepare 8m "A folder that becomes read-only"
readonly_text="Read-only file system"
start
stop_when has_checkpoints 4
mount --bind "$run" "$run" && mount -o remount,ro,bind "$run"
go_on
check "a warning, and the training goes on" \
  warns "cannot write $run/checkpoints/.*: $readonly_text; the training goes on"
check "status 1, and how to go on" ends 1 "cannot write $run/model.safetensors: $readonly_text; $again"
resume
check "resuming there: status 1, a line" ends 1 "cannot write $run/metrics.jsonl: $readonly_text"
status=0
"$backprop" train "${training[@]}" --output "$run/new" > "$place/output" 2> "$place/errors" || status=$?
check "beginning there: status 1, a line" ends 1 "cannot make the folder $run/.new.[0-9]*.tmp: $readonly_text"
umount "$run"
check "the checkpoints are readable" readable
resume
check "writable again it resumes" ends_well
check "same bits" same_bits
check "nothing half written" nothing_half

prepare 8m "A limit on the size of files"
for limit in 300 100; do  # kilobytes: room for the model, and not even that
  status=0
  (ulimit -f $limit && exec "$backprop" train "${training[@]}" --output "$run") \
    > "$place/output" 2> "$place/errors" || status=$?
  if [ $limit = 300 ]; then
    check "a warning, and the training ends well" eval \
      '[ "$status" = 0 ] && warns "cannot write $run/checkpoints/.*: File too large; the training goes on"'
    check "same bits" same_bits
    rm -r "$run"
  else
    check "too small for the model: status 1, a line" \
      ends 1 "cannot write $run/model.safetensors: File too large"
    check "nothing is left" [ ! -e "$run" ]
  fi
done

prepare 8m "A folder that is removed"
start
stop_when has_checkpoints 4
rm -r "$run"
go_on
check "the training ends well" [ "$status" = 0 ]
check "same bits" same_bits
check "all files are there" ls "$run"/{model.safetensors,model.json,metrics.jsonl,run.json,config.yaml,report.html}
check "the log is whole" [ "$(grep -c '"event":"epoch"' "$run/metrics.jsonl")" = 60 ]
check "the checkpoints are readable" readable
check "nothing half written" nothing_half

prepare 8m "Checkpoints that were cut short"
start
stop_when has_checkpoints 6
kill -KILL "$process"
go_on
mapfile -t files < <(find "$run/checkpoints" -name 'checkpoint-*.safetensors' | sort -r)
cp -r "$run" "$place/killed"
truncate -s 300000 "${files[0]}"
resume
check "the newest is named, and the one before it used" eval \
  '[ "$status" = 0 ] && [ "$(wc -l < "$place/errors")" = 1 ] && warns "${files[0]}: .*; the one before it is used"'
check "same bits" same_bits
rm -r "$run"
cp -r "$place/killed" "$run"
truncate -s 0 "${files[0]}"
printf X | dd of="${files[1]}" bs=1 seek=200000 conv=notrunc status=none
resume
check "an empty one and one with a wrong byte are named" eval \
  '[ "$status" = 0 ] && [ "$(grep -c "; the one before it is used$" "$place/errors")" = 2 ]'
check "same bits" same_bits
rm -r "$run"
cp -r "$place/killed" "$run"
truncate -s 1000 "$run"/checkpoints/*.safetensors
resume
check "all of them: status 1, a line" ends 1 "$run/checkpoints: none of [0-9] checkpoints can be read; .*"

echo
if [ $failures -gt 0 ]; then
  echo "FAILED: $failures checks" >&2
  exit 1
fi
echo "all passed"
