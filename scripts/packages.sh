# shellcheck shell=bash
# Which Debian 12 packages each kind of work needs, and how they get installed.

packages_of() {
  case $1 in
    # CMake looks for GoogleTest and Google Benchmark whichever target is then built.
    native) echo cmake ninja-build g++ libboost1.81-dev libboost-json1.81-dev libssl-dev \
      libgtest-dev libbenchmark-dev ;;
    wasm) echo cmake ninja-build emscripten ;;
    node) echo nodejs npm ;;
    fuzz) echo clang libclang-rt-14-dev llvm ;; # llvm: names in the stack traces
    format) echo git clang-format ;;
    tidy) echo clang-tidy ;;
    browser) echo chromium chromium-headless-shell firefox-esr ;;
    cache) echo ccache ;;
    *) die "no package group '$1'" ;;
  esac
}

# Node.js counts as installed wherever it came from; everything else as dpkg knows it.
missing_packages() {
  local package installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    case $package in
      nodejs) command -v node >/dev/null ;;
      npm) command -v npm >/dev/null ;;
      *) grep -qxF "$package installed" <<<"$installed" ;;
    esac || echo "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "root is needed to install packages; as root run: apt-get install --no-install-recommends ${missing[*]}"
  fi
}

# need GROUP...: installs those packages of the groups that are missing. Quiet when none is. Waits for
# whoever else is installing, as a fresh machine's own upgrades do.
need() {
  local group missing=() wanted=()
  for group in "$@"; do
    read -ra wanted <<<"${wanted[*]} $(packages_of "$group")"
  done
  if ! command -v apt-get >/dev/null; then
    say "this is not Debian: trusting that these are here: ${wanted[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]})) || return 0
  say "apt-get install ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install: ${missing[*]}"
}
