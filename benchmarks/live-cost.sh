#!/usr/bin/env bash
# live-cost.sh [ROUNDS [UPDATES [EVERY]]]: what a page costs a run. The same run without a page, with --live, and with --live and 20
# readers that take the stream and never read from it, in turns. The time is that between two checks of the run, the third and
# the last, so that the start of .NET and the compilation of what records are not in it; its processor time is that of all
# threads between them. ROUNDS (5) of each, UPDATES (20,000) each of temporal order at 50 steps, a check every EVERY (500)
# updates. Other programs disturb it: the ratios are of medians of turns.
set -euo pipefail
unroll=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)/unroll
rounds=${1:-5} updates=${2:-20000} every=${3:-500}
for n in "$rounds" "$updates" "$every"; do
  case $n in *[!0-9]* | "" | 0) echo "live-cost.sh: '$n' is not a number." >&2; exit 2 ;; esac
done
command -v python3 >/dev/null || { echo "live-cost.sh: needs python3." >&2; exit 2; }
[ -n "${UNROLL:-}" ] || "$unroll" --version >/dev/null # builds
exec python3 - "${UNROLL:-$unroll}" "$rounds" "$updates" "$every" <<'PYTHON'
import json, os, re, shlex, socket, statistics, subprocess, sys, tempfile, time, urllib.parse

unroll, rounds, updates, every = sys.argv[1], *map(int, sys.argv[2:])
folder = tempfile.mkdtemp()


def never_read(address, count):
    """Opens so many streams with small buffers, and reads nothing."""
    url = urllib.parse.urlparse(address)
    def connect(path, cookie=None):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.connect((url.hostname, url.port))
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
        one.sendall(head.encode())
        return one
    first = connect(f"{url.path}?{url.query}")
    answer = first.recv(65536).decode()
    place, cookie = re.search(r"(?mi)^Location: (\S+)", answer)[1], re.search(r"(?mi)^Set-Cookie: ([^;\r\n]+)", answer)[1]
    page = connect(place + "data", cookie)
    text = ""
    while '"at":"' not in text:
        more = page.recv(65536)
        if not more: raise SystemExit("live-cost.sh: the page has no data.")
        text += more.decode(errors="replace")
    at = re.search(r'"at":"[^"@]*@([^"]*)"', text)[1]
    return [connect(f"{place}events?at=0@{at}", cookie) for _ in range(count)]


def clock(pid):
    """The processor time of a process, of all of its threads."""
    try:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def once(name, number):
    out = os.path.join(folder, f"{name}{number}")
    options = shlex.split("train temporal-order --length 50 --seed 1 --threads 1 --stop budget --validation 500 "
                          f"--check-every {every} --updates {updates}") + ["--out", out]
    run = subprocess.Popen([*shlex.split(unroll), *options, *([] if name == "plain" else ["--live"])],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    readers = []
    if name != "plain":
        for line in run.stderr:
            if "page: http" in line: break
        if name == "readers": readers = never_read(line.split("page: ")[1].strip(), 20)
    metrics, begun, last = os.path.join(out, "metrics.jsonl"), None, None
    while run.poll() is None:
        time.sleep(0.02)
        checks = sum(1 for _ in open(metrics)) if os.path.exists(metrics) else 0
        if checks >= 3 and begun is None: begun = (checks, clock(run.pid))
        now = clock(run.pid)
        if now == now and begun and checks > begun[0]: last = (checks, now)
    run.wait()
    rows = [json.loads(line) for line in open(metrics)]
    for one in readers: one.close()
    seconds = (rows[-1]["seconds"] - rows[2]["seconds"]) / (rows[-1]["update"] - rows[2]["update"])
    processor = (last[1] - begun[1]) / (every * (last[0] - begun[0]))
    return seconds * 1e6, processor * 1e6


kinds = ["plain", "live", "readers"]
times = {kind: [] for kind in kinds}
for number in range(rounds):
    for kind in kinds if number % 2 == 0 else reversed(kinds):
        times[kind].append(once(kind, number))
        wall, processor = times[kind][-1]
        print(f"{kind} {number + 1}: {wall:.2f} us an update, {processor:.2f} of processor time", file=sys.stderr)
print(f"{'':30} {'us an update':>14} {'to without':>11} {'processor us':>14} {'to without':>11}")
words = {"plain": "without a page", "live": "--live", "readers": "--live, 20 that never read"}
for kind in kinds:
    wall, processor = (statistics.median(one[i] for one in times[kind]) for i in (0, 1))
    ratios = [statistics.median(a[i] / b[i] for a, b in zip(times[kind], times["plain"])) for i in (0, 1)]
    print(f"{words[kind]:30} {wall:14.2f} {100 * (ratios[0] - 1):+10.2f}% {processor:14.2f} {100 * (ratios[1] - 1):+10.2f}%")
PYTHON
