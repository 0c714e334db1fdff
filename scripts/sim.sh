# shellcheck shell=bash disable=SC2154
# The simulator: one run of one's choice, and the swarm that is a part of `./run test`.
#
# The swarm draws faults and their sizes from a seed. Its seeds are other ones each day: DAY0001,
# DAY0002 …, where DAY is the date in UTC without its dashes, so that what fails today can be found
# again tomorrow with SWARM_DAY=DAY.

swarm_seconds_default=60   # in which seeds are begun; SWARM_SECONDS overrides
swarm_seed_seconds_max=100 # of a processor's time; a seed that takes more has failed: it may hang
swarm_processes=2          # side by side, whatever JOBS says: how many seeds fit is to be comparable
swarm_seeds_max=9999       # a day

sim_binary=build/release/sim/membrane-sim

# Begins seeds DAY0000 + its number, + its number + swarm_processes … until the time is over. Each
# adds a line to the log, "ok SEED SECONDS" or "failed SEED SECONDS".
swarm_worker() {
  local day=$1 number=$2 end=$3 log=$4 seed started status report
  for (( ; number <= swarm_seeds_max && SECONDS < end; number += swarm_processes)); do
    printf -v seed '%s%04d' "$day" "$number"
    started=$SECONDS status=0
    report=$(swarm_seed "$seed" 2>&1) || status=$?
    if ((status == 0)); then
      echo "ok $seed $((SECONDS - started))" >>"$log"
      continue
    fi
    echo "failed $seed $((SECONDS - started))" >>"$log"
    swarm_complain "$seed" "$status" "$report"
  done
}

swarm_seed() {
  ulimit -t "$swarm_seed_seconds_max"
  "$sim_binary" swarm --seed "$1" --threads 1 --json
}

# What the simulator says at its end, and the command that replays it, which a simulator that did
# not come to its end has not printed.
swarm_complain() {
  local seed=$1 status=$2 report=$3
  if ((status == 1)); then
    sed -n '/ fails:$/,$p' <<<"$report"
    return
  fi
  tail -n 20 <<<"$report"
  echo "seed $seed ended with status $status (137: it took more than $swarm_seed_seconds_max s):"
  echo "  replay: ./run sim swarm --seed $seed"
}

run_swarm() {
  local day=${SWARM_DAY:-$(date -u +%Y%m%d)} seconds=${SWARM_SECONDS:-$swarm_seconds_default}
  local log number end workers=() failed
  day=${day//-/}
  [[ $day =~ ^[0-9]{8}$ && $seconds =~ ^[0-9]+$ ]] ||
    die "SWARM_DAY must be a date such as 2026-11-24, SWARM_SECONDS a whole number"
  log=$(mktemp)
  say "swarm seeds ${day}0001 and following, begun within $seconds s (again: SWARM_DAY=$day)"
  end=$((SECONDS + seconds))
  for ((number = 1; number <= swarm_processes; ++number)); do
    swarm_worker "$day" "$number" "$end" "$log" &
    workers+=($!)
  done
  wait "${workers[@]}"
  failed=$(grep -c '^failed' "$log") || true
  awk '{ sum += $3; if ($3 > most) { most = $3; which = $2 } }
    END { if (NR) printf "%d seeds, %.1f s each, the slowest %s in %d s\n", NR, sum / NR, which, most }' "$log"
  echo "$(grep -c '^ok' "$log" || true) passed, $failed failed"
  rm -f "$log"
  ((failed == 0))
}
