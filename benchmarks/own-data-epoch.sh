#!/usr/bin/env bash
# own-data-epoch.sh FOLDER [ROUNDS [CASE...]]: an epoch of own data beside PyTorch's, and the memory of each. FOLDER has ETTh1.csv,
# seattle-weather.csv and GunPoint_TRAIN.ts; the cases are etth1, seattle and gunpoint. An epoch is every training window once (forward,
# backward, clipping by norm, Adam) and the cost of the whole validation fold; one thread each, in turns, ROUNDS (3) of each. The
# time is processor time from the end of the first epoch to the end of the last, so that the start of neither side is in it.
# PyTorch reads random numbers of the same sizes by torch.nn.GRU and a linear head, with inputs that are windows already.
# PYTORCH names the command of a python that has torch; without it PyTorch is left out. UNROLL names the command of Unroll.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -ge 1 ] && [ -d "$1" ] || { sed -n '2,8p' "$0" >&2; exit 2; }
command -v python3 >/dev/null || { echo "own-data-epoch.sh: needs python3." >&2; exit 2; }
[ -n "${UNROLL:-}" ] || "$here/../unroll" --version >/dev/null # builds
exec python3 - "${UNROLL:-$here/../unroll}" "${PYTORCH:-}" "$here/own_data_epoch_torch.py" "$@" <<'PYTHON'
import json, os, shlex, statistics, subprocess, sys, tempfile

unroll, torch, program, data = sys.argv[1:5]
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
CASES = {
    # name: options, training rows, validation rows, rows an update, steps, inputs, units, outputs
    "etth1": ("forecast --data %s/ETTh1.csv --horizon 96 --window 96 --fold-steps 8640,2880,2880 --look-back yes",
              8449 * 7, 2785 * 7, 66 * 7, 4, 24, 128, 96),
    "seattle": ("forecast --data %s/seattle-weather.csv --target temp_max --horizon 7 --window 28 --segment 7", 988, 185, 8, 4, 63, 128, 7),
    "gunpoint": ("classify --data %s/GunPoint_TRAIN.ts --test-share 0", 43, 7, 8, 15, 10, 100, 2),
}
EPOCHS = {"etth1": 3, "seattle": 10, "gunpoint": 40}


def clock(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"): return int(line.split()[1]) / 1024
    return float("nan")


def of_unroll(name):
    epochs = EPOCHS[name]
    with tempfile.TemporaryDirectory() as folder:
        line = [*shlex.split(unroll), "train", *shlex.split(CASES[name][0] % shlex.quote(data)), "--epochs", str(epochs),
                "--patience", str(epochs), "--threads", "1", "--seed", "1", "--json", "--out", os.path.join(folder, "run")]
        run = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        times, most = [], 0
        for text in run.stdout:
            if json.loads(text)["event"] == "progress":
                times.append(clock(run.pid))
                most = max(most, peak(run.pid))
        if run.wait() != 0: raise SystemExit(run.stderr.read())
        return (times[-1] - times[0]) / (len(times) - 1), most


def of_torch(sizes, epochs):
    told = subprocess.run([*shlex.split(torch), program, *map(str, sizes), str(epochs)], capture_output=True, text=True)
    if told.returncode != 0: raise SystemExit(told.stderr)
    seconds, memory = told.stdout.split()
    return float(seconds), float(memory)


print("load", " ".join(f"{one:.1f}" for one in os.getloadavg()))
for name in sys.argv[6:] or CASES:
    ours, theirs, memory, others = [], [], 0, 0
    for _ in range(rounds):
        seconds, most = of_unroll(name)
        ours.append(seconds)
        memory = max(memory, most)
        if not torch: continue
        seconds, most = of_torch(CASES[name][1:], EPOCHS[name])
        theirs.append(seconds)
        others = max(others, most)
    line = f"{name:9} unroll {statistics.median(ours):.3f} s an epoch, {memory:.0f} MB"
    if theirs:
        line += (f"; PyTorch {statistics.median(theirs):.3f} s, {others:.0f} MB; PyTorch takes "
                 f"{statistics.median(theirs) / statistics.median(ours):.2f} times as long "
                 f"(turn by turn {', '.join(f'{b / a:.2f}' for a, b in zip(ours, theirs))})")
    print(line, flush=True)
PYTHON
