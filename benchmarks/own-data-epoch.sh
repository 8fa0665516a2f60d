#!/usr/bin/env bash
# own-data-epoch.sh FOLDER [ROUNDS [CASE...]]: an epoch of own data beside PyTorch's and TorchSharp's, and the memory of each.
# FOLDER has the data of the cases: japanese (JapaneseVowels), gunpoint, italy (ItalyPowerDemand), etth1, seattle (1 day), seattle7
# (7 days), co2, airline. An epoch is every training window once (input noise, forward, backward, clipping by norm, Adam) and the
# cost of the whole validation fold; Unroll also measures the spectral radius and writes the run's folder. One thread each, in
# turns, ROUNDS (3) of each. The time is processor time from the end of the first epoch to the end of the last, so that the start
# of no side is in it; there are as many epochs as a run has by its recipe, of ETTh1 three. The others read random numbers of the
# same sizes by nn.GRU and a linear head, from windows that are made already; sequences of unequal lengths have those of the file.
# PYTORCH names the command of a python that has torch, and TORCHSHARP that of Unroll.Benchmarks (README.md there); without them
# they are left out. UNROLL names the command of Unroll. DRY=1 checks the sizes against what Unroll says and times nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -ge 1 ] && [ -d "$1" ] || { sed -n '2,10p' "$0" >&2; exit 2; }
command -v python3 >/dev/null || { echo "own-data-epoch.sh: needs python3." >&2; exit 2; }
[ -n "${UNROLL:-}" ] || "$here/../unroll" --version >/dev/null # builds
# One thread: what a library's own threads spin would count against it.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
exec python3 "$here/own_data_epoch.py" "${UNROLL:-$here/../unroll}" "${PYTORCH:-}" "${TORCHSHARP:-}" "$@"
