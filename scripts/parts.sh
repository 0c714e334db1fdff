# shellcheck shell=bash disable=SC2154
# The parts of `./run test`, and how their results become one table and one closing line.
# Uses what the script `run` sets: root, the repository, and jobs, how many may run at once.
#
# A part is a function `part_NAME`. It runs in a shell of its own with its output in
# build/logs/NAME.log, builds what it needs itself, and so fails alone. What it counted is read from
# that log: the closing lines of GoogleTest, of Node.js's test runner and the line this file prints itself.
# A part that fails without a failed test, or passes without a test, counts as one failure.

parts_all=(format tidy asan plain fuzz sim wasm web docs e2e)
# Only when named: the same tests as asan's in the build that users run, quicker for work on them. That
# build itself is tried by sim and e2e.
parts_named=(unit)

part_seconds_max=1200  # a part that hangs is ended; the slowest takes half of it
shard_seconds_max=600  # some of a test binary's cases, of which the slowest take 110 s

part_format() {
  check format_is_clean
}

part_tidy() {
  check run_tidy
}

part_unit() {
  build release tests
  run_cases release
}

part_asan() {
  build asan tests
  run_cases asan
}

# Tests that sanitizers would make too slow, or that need our own allocator.
part_plain() {
  build release core_scale_test sim_heap_test
  run_cases release core_scale_test sim_heap_test
}

part_fuzz() {
  run_fuzz "$fuzz_seconds_default"
}

# The benchmarks are not run, but built: they have to keep up with the code.
part_sim() {
  build release membrane-sim membrane-core-bench membrane-server-load
  run_swarm
}

part_wasm() {
  build wasm
  node_ready
  node --test scripts/wasm_imports.test.mjs
}

part_web() {
  build_web
  say "size"
  check npm run --silent --prefix web size
  say "type check and unit tests"
  (cd web && npm test)
}

part_docs() {
  node_ready
  npm_install docs/site
  say "the site"
  check npm run --silent --prefix docs/site build
  say "what it is built and checked with"
  (cd docs/site && npm test)
}

part_e2e() {
  browser_ready
  run_e2e
}

# A check without a test runner of its own counts as one test.
check() {
  local status=0
  "$@" || status=$?
  echo "$((status == 0)) passed, $((status != 0)) failed"
  return "$status"
}

# run_cases PRESET [BINARY...]: all cases of each GoogleTest binary, or of these, in a few processes a
# core and not one each: starting one takes longer than most cases do.
run_cases() {
  local preset=$1 shards=$((4 * jobs)) name names=()
  shift
  (($#)) || set -- '*_test'
  for name in "$@"; do names+=(-o -name "$name"); done
  find "build/$preset" -type f '(' "${names[@]:1}" ')' -perm -u+x | sort |
    while read -r binary; do
      for ((shard = 0; shard < shards; ++shard)); do printf '%s %d\n' "$binary" "$shard"; done
    done | xargs -P "$jobs" -L 1 "$root/run" --cases "$shards"
}

# SHARDS BINARY SHARD: one line when all is well; else everything but the cases that passed, under a
# heading that `failures` looks for. A case that ends its process, or hangs, is the last that is told
# to run; those after it in the shard are not.
cases_of_shard() {
  local report status=0 of="part $(($3 + 1)) of $1"
  report=$(GTEST_TOTAL_SHARDS=$1 GTEST_SHARD_INDEX=$3 timeout "$shard_seconds_max" "$2" 2>&1) || status=$?
  if ((status == 0)); then
    echo "== ${2##*/}, $of"
    sed -n '/^\[==========\] .* ran/,$p' <<<"$report"
    return
  fi
  echo "== failed: ${2##*/}, $of (status $status; 124: it took more than $shard_seconds_max s)"
  awk '/^\[ RUN/ { run = $0; next } /^\[       OK/ { run = ""; next } /^\[-----|^$/ { next }
    run != "" { print run; run = "" } { print } END { if (run != "") print run }' <<<"$report"
  grep -q '^\[==========\] .* ran' <<<"$report" || echo "0 passed, 1 failed"
  sed -n "s|^\[  FAILED  \] \([^ ,]*\).*([0-9]* ms)\$|replay: $2 --gtest_filter='\1'|p" <<<"$report"
  return 1
}

# Reads a part's log and prints what it counted as "passed failed skipped". A cancelled test of Node.js
# did not pass.
count_results() {
  awk '
    /^\[  PASSED  \] [0-9]+ tests?\.$/ { passed += $4 }
    /^\[  FAILED  \] [0-9]+ tests?, listed below:$/ { failed += $4 }
    /^\[  SKIPPED \] [0-9]+ tests?(, listed below:|\.)$/ { skipped += $4 }
    /^(#|ℹ) pass [0-9]+$/ { passed += $3 }
    /^(#|ℹ) (fail|cancelled) [0-9]+$/ { failed += $3 }
    /^(#|ℹ) (skipped|todo) [0-9]+$/ { skipped += $3 }
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
    END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# What a failed part's log says of it: its end, then each test of Node.js's runner and each process of
# GoogleTest that failed, wherever in the log it is told.
failures() {
  tail -n 60 "$1"
  awk '
    /^== / { left = 0 }
    /^== failed: / { left = 60; print "" }
    /^ *not ok / { left = 40; print "" }
    /^ *# Subtest: / { left = 0 }
    left-- > 0 { print }' "$1"
}

# Runs one part and adds its row to the table. Its end is awaited in the background, so that an
# interrupt reaches us at once and we end it, with everything it started.
run_part() {
  local name=$1 log=build/logs/$1.log started=$SECONDS status=0 child passed failed skipped note=
  say "$name (log: $log)"
  timeout --kill-after=10 "$part_seconds_max" "$root/run" --part "$name" >"$log" 2>&1 &
  child=$!
  # shellcheck disable=SC2064
  trap "kill $child; exit 130" INT TERM
  wait "$child" || status=$?
  trap - INT TERM
  read -r passed failed skipped < <(count_results "$log")
  if ((status == 124)); then note="ended after $part_seconds_max s"; fi
  if ((failed == 0 && (status != 0 || passed == 0))); then
    failed=1
    note=${note:-did not run to its end}
  fi
  if ((failed)); then failures "$log" | sed 's/^/    /'; fi
  table+=$(printf '%-8s %8d %8d %8d %8d  %s' \
    "$name" "$passed" "$failed" "$skipped" $((SECONDS - started)) "$note")$'\n'
  passed_all=$((passed_all + passed)) failed_all=$((failed_all + failed))
  skipped_all=$((skipped_all + skipped))
}

# run_parts [NAME...]: the named parts, or all; succeeds when none failed.
run_parts() {
  local name table='' passed_all=0 failed_all=0 skipped_all=0
  (($#)) || set -- "${parts_all[@]}"
  for name in "$@"; do
    [[ " ${parts_all[*]} ${parts_named[*]} " == *" $name "* ]] ||
      die "no part '$name'; there are: ${parts_all[*]} ${parts_named[*]}"
  done
  mkdir -p build/logs
  for name in "$@"; do run_part "$name"; done
  printf '\n%-8s %8s %8s %8s %8s\n%s\n' part passed failed skipped seconds "$table"
  printf '%d passed, %d failed' "$passed_all" "$failed_all"
  if ((skipped_all)); then printf ', %d skipped' "$skipped_all"; fi
  printf '\n'
  ((failed_all == 0))
}
