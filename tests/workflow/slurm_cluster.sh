#!/usr/bin/env bash
# A Slurm of this machine's own, to test with: two nodes, a fake GPU each, all in one folder; no root, systemd, cgroups
# or data base. Needs Debian's slurmctld, slurmd, slurm-client and munge.
#   slurm_cluster.sh up FOLDER      then `. FOLDER/env.sh`
#   slurm_cluster.sh down FOLDER    ends what `up` started, by the ids in FOLDER/run
set -euo pipefail
mkdir -p "$2"; R=$(cd "$2" && pwd); H=$(hostname -s); PORT=${SLURM_BASE_PORT:-17000}
export SLURM_CONF=$R/etc/slurm.conf
wait_for() { for _ in $(seq 1 300); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; echo "timed out: $*" >&2; return 1; }
ended() { ! kill -0 "$1" 2>/dev/null; }

if [ "$1" = down ]; then
  timeout 5 scancel --user="$(id -un)" 2>/dev/null || true
  for file in "$R"/run/slurmd.*.pid "$R"/run/slurmctld.pid "$R"/run/munged.pid; do
    if id=$(cat "$file" 2>/dev/null); then kill "$id" 2>/dev/null && wait_for ended "$id" || true; fi
  done
  exit 0
fi

mkdir -p "$R"/{bin,etc,log,run,state}; chmod 0755 "$R" "$R"/*/
[ -s "$R/etc/munge.key" ] || (umask 077; dd if=/dev/urandom of="$R/etc/munge.key" bs=1024 count=1 status=none)
munged --force --socket="$R/run/munge.sock" --key-file="$R/etc/munge.key" --pid-file="$R/run/munged.pid" \
  --log-file="$R/log/munged.log" --seed-file="$R/run/munged.seed"
printf 'CgroupAutomount=no\nConstrainCores=no\nConstrainDevices=no\nConstrainRAMSpace=no\n' > "$R/etc/cgroup.conf"
printf 'NodeName=n[1-2] Name=gpu Type=fake File=/dev/null\n' > "$R/etc/gres.conf"
# Memory is limited by looking at /proc each second; MinJobAge lets squeue remember the jobs that ended.
cat > "$R/etc/slurm.conf" <<CONF
ClusterName=small
SlurmctldHost=$H(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$R/run/munge.sock
CredType=cred/munge
StateSaveLocation=$R/state
SlurmdSpoolDir=$R/run/spool.%n
SlurmctldPidFile=$R/run/slurmctld.pid
SlurmdPidFile=$R/run/slurmd.%n.pid
SlurmctldLogFile=$R/log/slurmctld.log
SlurmdLogFile=$R/log/slurmd.%n.log
MailProg=/bin/true
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,NoShared
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$R/log/jobs.log
MinJobAge=3600
KillWait=3
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=256
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName=n[1-2] NodeHostname=$H NodeAddr=127.0.0.1 Port=[$((PORT + 1))-$((PORT + 2))] CPUs=${SLURM_FAKE_CPUS:-4} RealMemory=9000 Gres=gpu:fake:1 State=UNKNOWN
PartitionName=cpu Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes=n[1-2] MaxTime=INFINITE State=UP
CONF
slurmctld -f "$SLURM_CONF"
for node in n1 n2; do mkdir -p "$R/run/spool.$node"; slurmd -N "$node" -f "$SLURM_CONF"; done
# The plug-in's inner srun loses SLURM_CONF: a srun before it in PATH gives it back.
srun=$(PATH=${PATH//$R\/bin:/} command -v srun)
printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$SLURM_CONF" "$srun" > "$R/bin/srun"; chmod +x "$R/bin/srun"
printf 'export SLURM_CONF=%s PATH=%s:"$PATH"\n' "$SLURM_CONF" "$R/bin" > "$R/env.sh"
ready() { [ "$(sinfo -h -N -p cpu -o %t | grep -cx idle)" = 2 ]; }
wait_for ready || { sinfo; tail -n 20 "$R"/log/*.log; exit 1; }
