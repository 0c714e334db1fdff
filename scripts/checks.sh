# shellcheck shell=bash disable=SC2154,SC2034
# The checks that are a command of their own and a part of `./run test` as well.

fuzz_seconds_default=30 # for all targets together

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

# run_fuzz SECONDS [TARGET]: all targets within this time, as many at once as there are jobs, from the
# inputs in the corpus/TARGET beside them. What is found on the way is forgotten; what crashes a
# target is kept.
run_fuzz() {
  local seconds=$1 only=${2-} target targets=() report failed
  build asan core/fuzz/all server/fuzz/all
  for target in build/asan/{core,server}/fuzz/*; do
    if [[ -f $target && -x $target && ${only:-${target##*/}} == "${target##*/}" ]]; then
      targets+=("$target")
    fi
  done
  ((${#targets[@]})) || die "no fuzz target${only:+ named $only} in build/asan/{core,server}/fuzz"
  if ((${#targets[@]} > jobs)); then seconds=$((seconds * jobs / ${#targets[@]})); fi
  say "fuzz, $((seconds > 0 ? seconds : 1)) s each"
  report=$(printf '%s\n' "${targets[@]}" |
    xargs -P "$jobs" -I{} "$root/run" --fuzz {} $((seconds > 0 ? seconds : 1))) || true
  echo "$report"
  failed=$(grep -c '^== failed: ' <<<"$report") || true
  echo "$((${#targets[@]} - failed)) passed, $failed failed"
  ((failed == 0))
}

# BINARY SECONDS: one line when all is well. Memory is bounded so that a decoder that allocates what a
# length field asks for is found out.
fuzz_one() {
  local target=$1 name=${1##*/} folder=${1#build/asan/} log seeds=() status=0
  local work=build/asan/fuzz/work/$name artifacts=build/asan/fuzz/artifacts
  folder=${folder%/*}
  if [[ -d $folder/corpus/$name ]]; then seeds=("$folder/corpus/$name"); fi
  rm -rf "$work"
  mkdir -p "$work/corpus" "$artifacts"
  log=$("$target" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$artifacts/$name-" "$work/corpus" "${seeds[@]}" 2>&1) || status=$?
  if ((status == 0)); then
    sed -n "s/^stat::number_of_executed_units: /$name, inputs: /p" <<<"$log"
    return
  fi
  printf '== failed: fuzz %s (status %d)\n%s\n' "$name" "$status" "$(tail -n 60 <<<"$log")"
  sed -n "s|.*Test unit written to |replay: $target |p" <<<"$log"
  return 1
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
