#!/usr/bin/env bash
# threads.sh [SECONDS [SHAPE...]]: what threads beyond the free cores cost. Updates a second with 1, 2 and 8 threads, in turns
# (`unroll bench --threads`), in four situations:
#   both     two cores, nothing else on them by our doing
#   busy     two cores, a busy loop pinned to one of them with taskset
#   pinned   two cores at the start, then moved to one: the runtime's count of cores stays 2
#   one      one core from the start
# For each the loss of 2 and of 8 threads to the better of 1 and 2. SECONDS (5) for each number, shapes h50 and h300. Other
# programs disturb it: the ratios are of medians of short turns, and want a machine that is idle at least now and then.
set -euo pipefail
unroll=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)/unroll
seconds=${1:-5}
case $seconds in *[!0-9]* | "" | 0) echo "threads.sh: '$seconds' is not a number of seconds." >&2; exit 2 ;; esac
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- h50 h300
command -v taskset >/dev/null || { echo "threads.sh: needs taskset (util-linux)." >&2; exit 2; }
IFS=, read -r first second _ < <(taskset -cp $$ | sed 's/.*: //' |
  awk -F, '{ for (i = 1; i <= NF; i++) { split($i, r, "-"); for (c = r[1]; c <= (r[2] == "" ? r[1] : r[2]); c++) printf "%s,", c } print "" }')
[ -n "${second:-}" ] || { echo "threads.sh: needs two cores." >&2; exit 2; }
"$unroll" --version >/dev/null # builds
loop=
trap '[ -z "$loop" ] || kill "$loop" 2>/dev/null || true' EXIT

bench() { "$unroll" bench --threads 1,2,8 --shape "$1" --seconds "$seconds" --json; }
show() { # show SITUATION SHAPE, the objects on standard input
  tr ',{}' '\n\n\n' | awk -F: -v situation="$1" -v shape="$2" '
    $1 == "\"threads\"" { threads = $2 }
    $1 == "\"updates_per_second\"" { rate[threads] = $2 }
    END {
      best = rate[1] > rate[2] ? rate[1] : rate[2]
      printf "%-8s %-10s %10.1f %10.1f %10.1f %8.2fx %8.1f%% %8.1f%%\n", situation, shape, rate[1], rate[2], rate[8], rate[2] / rate[1],
        100 * (1 - rate[2] / best), 100 * (1 - rate[8] / best)
    }'
}

printf '%-8s %-10s %10s %10s %10s %9s %9s %9s\n' "" shape "1 thread" "2" "8" "2 to 1" "loss of 2" "loss of 8"
for shape in "$@"; do
  taskset -c "$first,$second" "$BASH" -c "$(declare -f bench); unroll='$unroll' seconds=$seconds; bench $shape" | show both "$shape"

  taskset -c "$second" "$BASH" -c 'while :; do :; done' &
  loop=$!
  taskset -c "$first,$second" "$BASH" -c "$(declare -f bench); unroll='$unroll' seconds=$seconds; bench $shape" | show busy "$shape"
  kill "$loop"
  wait "$loop" 2>/dev/null || true
  loop=

  # The runtime counts its cores as it starts.
  taskset -c "$first,$second" "$BASH" -c "$(declare -f bench); unroll='$unroll' seconds=$seconds
    (sleep 0.3; taskset -acp $first \$\$ >/dev/null) & exec \"\$unroll\" bench --threads 1,2,8 --shape $shape --seconds \$seconds --json" | show pinned "$shape"

  taskset -c "$first" "$BASH" -c "$(declare -f bench); unroll='$unroll' seconds=$seconds; bench $shape" | show one "$shape"
done
