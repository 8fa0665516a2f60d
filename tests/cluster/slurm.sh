#!/usr/bin/env bash
# Runs a study as a Slurm array, on a throw-away cluster of two nodes on this machine, and the same study in one process, and
# compares every number and every model. One task is killed with SIGKILL, another is told that its time is over; both are
# requeued and go on. Needs Debian or Ubuntu and root: installs slurm-wlm and munge where they are missing. Its daemons listen
# on the loopback alone, keep everything in a temporary folder, and end with the script. KEEP=1 keeps the folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
unroll=$(cd "$here/../.." && pwd -P)/unroll
say() { echo "slurm.sh: $*" >&2; }

if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null || ! command -v munged >/dev/null; then
  say "installing slurm-wlm and munge"
  apt-get update -q >/dev/null
  # In runlevel 1 the packages start no services.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends slurm-wlm munge >/dev/null
fi

host=$(hostname -s)
getent hosts "$host" >/dev/null || { say "the name $host does not resolve; put it into /etc/hosts."; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/unroll-slurm.XXXXXX")
daemons=()

finish() {
  code=$?
  trap - EXIT
  if [ "${job:-}" ]; then scancel "$job" 2>/dev/null || true; fi
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do kill "${daemons[i]}" 2>/dev/null || true; done
  for daemon in "${daemons[@]}"; do wait "$daemon" 2>/dev/null || true; done
  if [ "$code" -ne 0 ]; then
    tail -n 15 "$work"/*.log >&2 || true
    say "FAILED"
  fi
  if [ "${KEEP:-}" ]; then say "kept $work"; else rm -rf "$work"; fi
  exit "$code"
}
trap finish EXIT

await() { # await SECONDS WHAT COMMAND...: until the command succeeds
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then say "$what did not happen"; exit 1; fi
    sleep 0.1
  done
}

# --- the cluster
dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 status=none
chmod 600 "$work/munge.key"
mkdir "$work/state" "$work/spool"
export SLURM_CONF=$work/slurm.conf
cat >"$SLURM_CONF" <<EOF
ClusterName=unroll
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=17101
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
NodeName=unroll1 NodeHostname=$host NodeAddr=127.0.0.1 Port=17111 CPUs=1
NodeName=unroll2 NodeHostname=$host NodeAddr=127.0.0.1 Port=17112 CPUs=1
PartitionName=all Nodes=unroll1,unroll2 Default=YES MaxTime=INFINITE State=UP
EOF

start() { # start NAME COMMAND...
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  daemons+=($!)
}
start munged munged --foreground --force --key-file="$work/munge.key" --socket="$work/munge.socket" \
  --pid-file="$work/munged.pid" --seed-file="$work/munged.seed" --log-file="$work/munged.log"
await 10 "an answer of munged" munge --no-input --socket="$work/munge.socket"
start slurmctld slurmctld -D -c
await 30 "an answer of slurmctld" scontrol ping
start slurmd1 slurmd -D -N unroll1
start slurmd2 slurmd -D -N unroll2
idle() { [ "$(sinfo --noheader --Node --states=idle --format=%N | sort -u | wc -l)" -eq 2 ]; }
await 60 "two idle nodes" idle
say "$(sinfo --version), two nodes are idle"

# --- the study as an array
"$unroll" --version >/dev/null # builds, so that the tasks need not
cat >"$work/study.json" <<'EOF'
{
  "name": "array",
  "grid": {
    "task": "temporal-order", "length": "10..20", "method": ["sgd-c", "sgd-cr"], "seed": "1..8", "hidden": 20, "curriculum": "none",
    "updates": 8000, "check-every": 200, "validation": 200, "stop": "budget"
  },
  "test": { "lengths": ["x1", "x4"], "sequences": 2000 }
}
EOF
cd "$work"
export UNROLL=$unroll UNROLL_CHECKPOINT_SECONDS=0
job=$(sbatch --parsable --cpus-per-task=1 "$here/study.sbatch" study.json array)
say "job $job: an array of 8"

process_of() { # process_of TASK: the id of its unroll process
  local id
  for id in $(pgrep -f -- "study run study.json --out array"); do
    if tr '\0' '\n' 2>/dev/null <"/proc/$id/environ" | grep -qx "SLURM_ARRAY_TASK_ID=$1" && [ "$(cat "/proc/$id/comm")" = dotnet ]; then echo "$id"; fi
  done | grep .
}
begun() { compgen -G "array/shard-$1-of-8/trials/*/checkpoint.safetensors"; }
field() { scontrol show job "${job}_$2" --oneliner | grep -o "\b$1=[^ ]*" | cut -d= -f2; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }

await 120 "a checkpoint of task 2" begun 2
kill -KILL "$(process_of 2)"
await 60 "the failure of task 2" is JobState 2 FAILED
scontrol requeue "${job}_2"
say "task 2 was killed and requeued"

await 120 "a checkpoint of task 4" begun 4
# As --signal=TERM@120 does when the time is almost over. Slurm 22.05 delivers the signal and yet asks scancel to repeat it.
timeout 2 scancel --signal=TERM "${job}_4" || true
await 60 "the restart of task 4" is Restarts 4 1
say "task 4 was stopped and has requeued itself"

done_all() { for k in 1 2 3 4 5 6 7 8; do is JobState "$k" COMPLETED || return 1; done; }
await 600 "the end of the array" done_all
for k in 1 2 3 4 5 6 7 8; do
  expected=0
  case $k in 2 | 4) expected=1 ;; esac
  is Restarts "$k" "$expected" || { say "task $k was restarted $(field Restarts "$k") times, not $expected"; exit 1; }
done
"$unroll" study merge array

# --- a task that a person cancels saves and stays cancelled
array=$job
job=$(sbatch --parsable --cpus-per-task=1 --array=1-1 "$here/study.sbatch" study.json cancelled)
await 60 "a checkpoint of the task to cancel" compgen -G "cancelled/shard-1-of-1/trials/*/checkpoint.safetensors"
scancel "$job"
await 60 "the end of the cancelled task" is JobState 1 CANCELLED
await 60 "its word" grep -q "the running trials save" "unroll-${job}_1.log"
sleep 10
is JobState 1 CANCELLED || { say "the cancelled task is $(field JobState 1)"; exit 1; }
say "a cancelled task saved and stayed cancelled"

# --- the same in one process, and the comparison
"$unroll" study run study.json --out single --jobs 2 --json >single.log
"$here/../same-study.sh" single array
say "array $array, one task killed and one out of time: all numbers and models are those of a single process"
