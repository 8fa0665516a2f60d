#!/usr/bin/env bash
# same-study.sh DIR DIR: whether two studies have the same results, checks and models in everything but seconds.
set -euo pipefail
unroll=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)/unroll
work=$(mktemp -d "${TMPDIR:-/tmp}/unroll-same.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Without the columns of seconds; only messages, which come last, and curricula, of which there are none here, hold commas.
timeless() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) drop[i] = $i ~ /seconds$/ } { line = ""; for (i = 1; i <= NF; i++) if (!drop[i]) line = line "," $i; print line }' "$1"
}
for side in 1 2; do
  "$unroll" study export "${!side}" --out "$work/trials" --checks "$work/checks"
  timeless "$work/trials" >"$work/trials.$side"
  timeless "$work/checks" >"$work/checks.$side"
  (cd "${!side}/trials" && find . -name '*.safetensors' ! -name 'checkpoint*' -print0 | sort -z | xargs -0 sha256sum) >"$work/models.$side"
done
[ -s "$work/models.1" ] && [ "$(wc -l <"$work/checks.1")" -gt 1 ] || { echo "same-study.sh: $1 has no results." >&2; exit 1; }
for what in trials checks models; do
  diff "$work/$what.1" "$work/$what.2" >&2 || { echo "same-study.sh: the $what of $1 and $2 differ." >&2; exit 1; }
done
