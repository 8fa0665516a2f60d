"""The turns of own-data-epoch.sh: own_data_epoch.py UNROLL PYTORCH TORCHSHARP FOLDER [ROUNDS [CASE...]]."""
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

unroll, pytorch, torchsharp, data = sys.argv[1:5]
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
HERE = os.path.dirname(os.path.abspath(__file__))


def case(options, rows, validation, batch, steps, inputs, units, outputs, cost, epochs, dropout=0.0, noise=0.0, file=None):
    return {"options": options, "file": file, "rows": rows, "validation": validation, "batch": batch, "steps": steps,
            "inputs": inputs, "units": units, "outputs": outputs, "cost": cost, "epochs": epochs, "dropout": dropout, "noise": noise}


CASES = {
    "japanese": case("classify --data %s/JapaneseVowels_TRAIN.ts --test-share 0", 234, 36, 15, 26, 12, 100, 9, "classes", 180,
                     noise=0.3, file="JapaneseVowels_TRAIN.ts"),
    "gunpoint": case("classify --data %s/GunPoint_TRAIN.ts --test-share 0", 42, 8, 8, 15, 10, 100, 2, "classes", 300, noise=0.3),
    "italy": case("classify --data %s/ItalyPowerDemand_TRAIN.ts --test-share 0", 57, 10, 8, 24, 1, 100, 2, "classes", 300, noise=0.3),
    "etth1": case("forecast --data %s/ETTh1.csv --horizon 96 --window 96 --fold-steps 8640,2880,2880 --look-back yes",
                  8449 * 7, 2785 * 7, 66 * 7, 4, 24, 128, 96, "squared", 3, 0.3),
    "seattle": case("forecast --data %s/seattle-weather.csv --target temp_max --horizon 1 --calendar year-day",
                    999, 195, 8, 4, 66, 128, 1, "squared", 24, 0.3),
    "seattle7": case("forecast --data %s/seattle-weather.csv --target temp_max --horizon 7 --calendar year-day",
                     989, 185, 8, 4, 77, 128, 7, "squared", 24, 0.3),
    "co2": case("forecast --data %s/co2-concentration.csv --horizon 12 --fold-steps 501,120,120 --window 60 --difference 12"
                " --loss absolute --hidden 32 --input-noise 0.3",
                430 * 2, 49 * 2, 8, 4, 15, 32, 12, "absolute", 27, 0.3, 0.3),
    "airline": case("forecast --data %s/Airline.csv --horizon 12 --fold-steps 96,24,24 --window 24 --transform log --difference 12"
                    " --loss absolute --hidden 32 --input-noise 0.3 --output-dropout 0.5",
                    61, 13, 8, 4, 6, 32, 12, "absolute", 300, 0.5, 0.3),
}


def lengths(name):
    """The number of steps of every sequence of a .ts file."""
    with open(os.path.join(data, name), encoding="utf-8") as file:
        return [line.split(":")[0].count(",") + 1 for line in file if line.strip() and line[0] not in "@#"]


def clock(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"): return int(line.split()[1]) / 1024
    return float("nan")


def command(one, epochs, *more):
    return [*shlex.split(unroll), "train", *shlex.split(one["options"] % shlex.quote(data)), "--epochs", str(epochs),
            "--patience", str(epochs), "--threads", "1", "--seed", "1", *more]


def of_unroll(one):
    with tempfile.TemporaryDirectory() as folder:
        line = command(one, one["epochs"], "--json", "--out", os.path.join(folder, "run"))
        run = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        times, most = [], 0
        for text in run.stdout:
            if json.loads(text)["event"] == "progress":
                times.append(clock(run.pid))
                most = max(most, peak(run.pid))
        if run.wait() != 0: raise SystemExit(run.stderr.read())
        return (times[-1] - times[0]) / (len(times) - 1), most


def of_torch(line, one):
    work = {key: value for key, value in one.items() if key not in ("options", "file")}
    if one["file"]: work["lengths"] = lengths(one["file"])
    told = subprocess.run([*line, json.dumps(work)], capture_output=True, text=True)
    if told.returncode != 0: raise SystemExit(told.stderr)
    seconds, memory = told.stdout.split()
    return float(seconds), float(memory)


def check(name, one):
    """Whether Unroll's run has the sizes that the others are given."""
    text = " ".join(subprocess.run(command(one, 1), capture_output=True, text=True).stdout.replace(",", "").split())
    series = 7 if name == "etth1" else 2 if name == "co2" else 1
    what = "sequences" if one["cost"] == "classes" else "windows"
    for sought in (rf"train .*?\b{one['rows'] // series} {what}", rf"validation .*?\b{one['validation'] // series} {what}",
                   rf"\b{one['inputs']} dense input", rf"\b{one['units']} GRU units", rf"\b{one['outputs']} (classes|linear output)",
                   rf"\b{one['batch']} {what} an update"):
        if not re.search(sought, text): raise SystemExit(f"{name}: the header does not have /{sought}/: {text[:1500]}")
    print(f"{name:9} has the sizes of the table", flush=True)


sides = [("PyTorch", [*shlex.split(pytorch), os.path.join(HERE, "own_data_epoch_torch.py")])] if pytorch else []
if torchsharp: sides.append(("TorchSharp", [*shlex.split(torchsharp), "--epochs-of"]))
print("load", " ".join(f"{one:.1f}" for one in os.getloadavg()))
for name in sys.argv[6:] or CASES:
    one = CASES[name]
    if os.environ.get("DRY") == "1":
        check(name, one)
        continue
    ours, others, memory, most = [], [[] for _ in sides], 0, [0.0] * len(sides)
    for _ in range(rounds):
        seconds, top = of_unroll(one)
        ours.append(seconds)
        memory = max(memory, top)
        for i, (_, line) in enumerate(sides):
            seconds, top = of_torch(line, one)
            others[i].append(seconds)
            most[i] = max(most[i], top)
    text = f"{name:9} unroll {statistics.median(ours) * 1000:.1f} ms an epoch, {memory:.0f} MB"
    for (side, _), theirs, top in zip(sides, others, most):
        text += (f"; {side} {statistics.median(theirs) * 1000:.1f} ms, {top:.0f} MB, "
                 f"{statistics.median(theirs) / statistics.median(ours):.2f} times as long "
                 f"({', '.join(f'{b / a:.2f}' for a, b in zip(ours, theirs))})")
    print(text, flush=True)
