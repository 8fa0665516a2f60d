#!/usr/bin/env bash
# study-throughput.sh [ROUNDS]: how much faster a study is with two jobs than with one, and how much of the time the runner
# itself takes. Eight equal trials of some seconds, in fresh folders, with one job and with two in turns; medians of the
# rounds (3). Use an otherwise idle machine with two cores at least.
set -euo pipefail
unroll=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)/unroll
rounds=${1:-3}
case $rounds in *[!0-9]* | "" | 0) echo "study-throughput.sh: '$rounds' is not a number of rounds." >&2; exit 2 ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/unroll-throughput.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$unroll" --version >/dev/null # builds

cat >"$work/study.json" <<'EOF'
{
  "name": "throughput",
  "grid": {
    "task": "temporal-order", "length": 50, "method": "sgd-cr", "seed": "1..8", "hidden": 50, "curriculum": "none",
    "updates": 30000, "check-every": 2000, "validation": 1000, "stop": "budget"
  }
}
EOF

run() { # run JOBS: prints the seconds of the command
  local started=$EPOCHREALTIME
  "$unroll" study run "$work/study.json" --out "$work/run" --jobs "$1" --json >/dev/null
  awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}
median() { sort -g "$1" | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'; }

for ((round = 1; round <= rounds; round++)); do
  for jobs in 1 2; do
    rm -rf "$work/run"
    all=$(run "$jobs")
    rest=$(run "$jobs") # nothing is left to run: what the process takes to begin and to end
    # The columns that are looked for hold no commas, and neither does anything before them in this study.
    used=$("$unroll" study export "$work/run" | awk -F, '
      NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds" || $i == "test_seconds") take[i] = 1; next }
      { for (i in take) sum += $i } END { print sum }')
    awk -v a="$all" -v r="$rest" 'BEGIN { print a - r }' >>"$work/wall.$jobs"
    awk -v a="$all" -v r="$rest" -v u="$used" -v j="$jobs" 'BEGIN { print 100 * (1 - u / (j * (a - r))) }' >>"$work/overhead.$jobs"
    echo "round $round, --jobs $jobs: $(tail -n 1 "$work/wall.$jobs") s, of which the runner $(tail -n 1 "$work/overhead.$jobs")%" >&2
  done
  paste "$work/wall.1" "$work/wall.2" | awk '{ print $1 / $2 }' >"$work/ratio"
done
echo "median of $rounds rounds: --jobs 2 is $(median "$work/ratio") times as fast as --jobs 1 (1.8 is required on two idle cores);"
echo "the runner takes $(median "$work/overhead.1")% with one job and $(median "$work/overhead.2")% with two (2% is allowed)"
