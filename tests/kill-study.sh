#!/usr/bin/env bash
# kill-study.sh [KILLS]: runs studies that are killed with SIGKILL at random moments, KILLS (50) in all, and started again until
# they are complete; once in each study it is SIGINT instead. Then every number, every kept check and every byte of the models
# must be those of the same study run without a stop, and no trial that was finished may have been run again.
# SEED chooses the moments, KEEP=1 keeps the folders.
set -euo pipefail
set -m # jobs of their own: the shell would have them ignore SIGINT otherwise
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
unroll=$here/../unroll
wanted=${1:-50}
case $wanted in *[!0-9]* | "") echo "kill-study.sh: '$wanted' is not a number of kills." >&2; exit 2 ;; esac
RANDOM=${SEED:-1}
work=$(mktemp -d "${TMPDIR:-/tmp}/unroll-kill.XXXXXX")
process=
finish() {
  if [ "$process" ]; then kill -KILL "$process" 2>/dev/null || true; fi
  if [ "${KEEP:-}" ]; then echo "kept $work" >&2; else rm -rf "$work"; fi
}
trap finish EXIT
"$unroll" --version >/dev/null # builds

cat >"$work/study.json" <<'EOF'
{
  "name": "kill",
  "grid": {
    "task": "temporal-order", "length": "10..20", "method": ["sgd-c", "sgd-cr"], "hidden": 20, "curriculum": "none",
    "updates": 6000, "check-every": 100, "validation": 100, "stop": "budget"
  },
  "test": { "lengths": ["x1", "x4"], "sequences": 10000 }
}
EOF

# A finished trial a line: its hash and the seconds it took, which no second run would repeat. A store that was killed while it
# was made holds nothing yet, and is no store.
finished() {
  if [ ! -f "$1/study.db" ]; then return; fi
  { "$unroll" study export "$1" || true; } | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "outcome") o = i; if ($i == "seconds") s = i; if ($i == "test_seconds") t = i } next }
    $o != "" { print $1, $s, $t }' | sort
}
moment() { awk -v r="$RANDOM" 'BEGIN { print 0.05 + 2.45 * r / 32767 }'; }

kills=0 round=0
most=11 # stops of a study, which is then left to end: several studies, with one job and with two
while [ "$kills" -lt "$wanted" ]; do
  round=$((round + 1))
  jobs=$((1 + round % 2))
  run=(study run "$work/study.json" --set "seed=$((round * 3 + 1)),$((round * 3 + 2)),$((round * 3 + 3))" --jobs "$jobs" --json --out)
  "$unroll" "${run[@]}" "$work/whole" >/dev/null
  : >"$work/before"
  stops=0 code=137
  while [ "$code" -ne 0 ]; do
    UNROLL_CHECKPOINT_SECONDS=0.1 "$unroll" "${run[@]}" "$work/cut" >"$work/out" 2>"$work/error" &
    process=$!
    if [ "$kills" -lt "$wanted" ] && [ "$stops" -lt "$most" ]; then
      sleep "$(moment)"
      signal=KILL
      if [ "$stops" -eq 3 ]; then signal=INT; fi
      kill -"$signal" "$process" 2>/dev/null || true
    fi
    code=0
    wait "$process" 2>/dev/null || code=$?
    process=
    case $code in
      0) ;;
      137) kills=$((kills + 1)) stops=$((stops + 1)) ;;
      130) stops=$((stops + 1)) ;;
      *)
        echo "kill-study.sh: the study ended with exit code $code:" >&2
        cat "$work/error" >&2
        exit 1
        ;;
    esac
    finished "$work/cut" >"$work/now"
    if [ "$(comm -23 "$work/before" "$work/now" | wc -l)" -ne 0 ]; then
      echo "kill-study.sh: finished trials were lost or run again:" >&2
      comm -3 "$work/before" "$work/now" >&2
      exit 1
    fi
    mv "$work/now" "$work/before"
  done
  "$here/same-study.sh" "$work/whole" "$work/cut"
  echo "study $round: --jobs $jobs, $stops stops, $(wc -l <"$work/before") trials equal ($kills kills so far)" >&2
  rm -rf "$work/whole" "$work/cut"
done
echo "$kills kills, all results equal"
