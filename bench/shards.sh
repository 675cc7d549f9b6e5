#!/usr/bin/env bash
# What it costs to cut a pack into shards: the same photos packed at once, and by plan, work and finish, on one machine.
# usage: bench/shards.sh FOLDER [SHARDS]; prints seconds, and processor seconds of all processes, which other programs
# disturb less.
set -euo pipefail
photos=$(realpath "$1")
shards=${2:-8}
cli=$(realpath "$(dirname "$0")/../dist/cli/cli.js")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
TIMEFORMAT='%3R %3U %3S'

facedata() { node "$cli" "$@" --json >/dev/null 2>&1; }

timed() {
  local name=$1
  shift
  { time facedata "$@"; } 2>"$folder/times"
  awk -v name="$name" '{printf "%-24s %7.2f s  %7.2f s of processor\n", name, $1, $2 + $3}' "$folder/times"
}

timed 'pack, 1 thread' pack "$photos" -o "$folder/whole/people" --jobs 1
timed "plan, $shards shards" plan pack "$photos" --output "$folder/joined/people" --shards "$shards" -o "$folder/plan.json"
timed "work, all shards" work "$folder/plan.json" --shard "0-$((shards - 1))"
timed 'finish' finish "$folder/plan.json" --jobs 1
for file in train.rec manifest.arrow dataset.json; do
  cmp "$folder/whole/people/$file" "$folder/joined/people/$file"
done
