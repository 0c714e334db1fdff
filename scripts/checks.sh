# shellcheck shell=bash disable=SC2154,SC2034
# The checks that are a command of their own and a part of `./run test` as well.

fuzz_seconds_default=60 # for all targets together

# Our own C++ sources; with 'checked', those a user runs: no tests, fuzz targets or benchmarks.
cpp_files() {
  local pattern='\.(cpp|h)$'
  [[ ${1-} != checked ]] || pattern='^(?!.*(_test\.cpp$|/tests/|/fuzz/|/bench/)).*\.cpp$'
  git ls-files --cached --others --exclude-standard -- core crypto wasm sim rtc peer server |
    grep -P "$pattern"
}

format_is_clean() {
  local report
  if report=$(cpp_files | xargs clang-format --dry-run -Werror 2>&1); then return; fi
  echo "not formatted, './run fmt' does it:"
  grep -oP '^\S+?(?=:\d+:\d+: error)' <<<"$report" | sort -u || echo "$report"
  return 1
}

# A finding in a header is reported by every source that includes it; it is printed once. Sources are
# read eight to one, as CMake joins them, since most of the time goes into what they include.
run_tidy() {
  local report
  say "clang-tidy"
  configure tidy
  configure dev
  if report=$(tidy_units | xargs -P "$jobs" -n 2 "$root/run" --tidy 2>&1); then return; fi
  grep -E '(error|warning): ' <<<"${report//"$root/"/}" | sort -u || echo "$report"
  return 1
}

# PRESET FILE: what joins sources names files that are none of its headers, and what is compiled with GCC
# turns off warnings that only GCC has.
tidy_unit() {
  clang-tidy -p "build/$1" --quiet --checks=-bugprone-suspicious-include \
    --extra-arg=-Wno-unknown-warning-option "$2"
}

# The joined sources that hold nothing but what is to be checked, then what none of them holds, each
# with the preset that says how it is compiled.
tidy_units() {
  local unit checked joined=() units=()
  checked=$(cpp_files checked | sed "s|^|$root/|" | sort)
  while read -r unit; do
    local held
    held=$(grep -oP '^#include "\K[^"]+' "$unit" | sort)
    [[ -z $(comm -23 <(echo "$held") <(echo "$checked")) ]] || continue
    units+=("$unit")
    joined+=("$held")
  done < <(find build/tidy -name 'unity_*.cxx' | sort)
  printf 'tidy %s\n' "${units[@]}"
  comm -13 <(printf '%s\n' "${joined[@]}" | sort) <(echo "$checked") | sed 's/^/dev /'
}

# run_fuzz SECONDS [TARGET]: runs the targets one after the other, from the inputs in
# core/fuzz/corpus/TARGET. What is found on the way is forgotten; what crashes a target is kept.
run_fuzz() {
  local seconds=$1 only=${2-} target name targets=() failed=0
  build asan core/fuzz/all
  for target in build/asan/core/fuzz/*; do
    if [[ -f $target && -x $target && ${only:-${target##*/}} == "${target##*/}" ]]; then
      targets+=("$target")
    fi
  done
  ((${#targets[@]})) || die "no fuzz target${only:+ named $only} in build/asan/core/fuzz"
  seconds=$((seconds / ${#targets[@]}))
  for target in "${targets[@]}"; do
    name=${target##*/}
    fuzz_one "$target" "$name" $((seconds > 0 ? seconds : 1)) || failed=$((failed + 1))
  done
  echo "$((${#targets[@]} - failed)) passed, $failed failed"
  ((failed == 0))
}

# Memory is bounded so that a decoder that allocates what a length field asks for is found out.
fuzz_one() {
  local target=$1 name=$2 seconds=$3 crash seeds=() status=0
  local work=build/asan/fuzz/work/$2 artifacts=build/asan/fuzz/artifacts
  if [[ -d core/fuzz/corpus/$name ]]; then seeds=("core/fuzz/corpus/$name"); fi
  say "fuzz $name for $seconds s"
  rm -rf "$work"
  mkdir -p "$work/corpus" "$artifacts"
  "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$artifacts/$name-" "$work/corpus" "${seeds[@]}" >"$work/log" 2>&1 || status=$?
  if ((status == 0)); then
    grep 'number_of_executed_units' "$work/log"
    return
  fi
  tail -n 60 "$work/log"
  sed -n "s|.*Test unit written to |replay: $target |p" "$work/log"
  return "$status"
}

run_e2e() {
  (cd tests/e2e && npm test -- ${1:+"--test-name-pattern=$1"})
}

# What a browser test or benchmark needs: the server, the package, the browser and its driver.
browser_ready() {
  need native browser
  build release membrane-server
  build_web
  npm_install tests/e2e
  npm_install apps/examples/react
  build_nexus
}
