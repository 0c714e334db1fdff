# shellcheck shell=bash
# What every command uses: short messages, one way to fail, how many jobs the machine bears, and the
# steps that build a tree or a Node.js package.

say() { printf '== %s\n' "$*"; }

die() {
  printf 'run: %s\n' "$*" >&2
  exit 1
}

# One job a core, but none without 1.5 GiB of memory of its own: what the largest translation unit
# takes under AddressSanitizer, rounded up.
jobs_default() {
  local cores memory_jobs
  cores=$(nproc)
  memory_jobs=$(awk '/^MemTotal:/ { print int($2 / (1536 * 1024)) }' /proc/meminfo)
  ((memory_jobs >= 1)) || memory_jobs=1
  echo $((cores < memory_jobs ? cores : memory_jobs))
}

configure() {
  cmake --preset "$1" --log-level=WARNING >/dev/null ||
    die "cmake could not configure '$1'; './run clean' helps when the folder was moved"
}

# build PRESET [TARGET...]: configures and builds build/PRESET; all of it when no target is named.
build() {
  local preset=$1
  shift
  say "build $preset${*:+ ($*)}"
  configure "$preset"
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

# Node.js 18 is what Debian 12 has. It keeps WebCrypto and CustomEvent off the global object unless
# asked, so ask.
node_ready() {
  need node
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 18)) || die "Node.js $(node --version) is too old: install 18 or newer"
  if ((major == 18)); then
    NODE_OPTIONS+=" --experimental-global-webcrypto --experimental-global-customevent"
    export NODE_OPTIONS
  fi
}

# npm_install FOLDER: installs what its package-lock.json names, unless just that is there already.
npm_install() {
  local lock=$1/package-lock.json installed=$1/node_modules/.installed-lock.json
  [[ -f $lock ]] || die "$lock is missing: run 'npm install' in $1 and commit the file it writes"
  cmp -s "$lock" "$installed" && return
  say "npm ci in $1"
  (cd "$1" && npm ci --no-audit --no-fund)
  cp "$lock" "$installed"
}

# Nexus, with the package inside: apps/nexus/dist.
build_nexus() {
  npm_install apps/nexus
  say "build apps/nexus"
  (cd apps/nexus && npm run --silent build -- --logLevel warn)
}

# The documentation with the reference made from the package's sources: build/docs.
build_docs() {
  node_ready
  npm_install docs/site
  say "build docs"
  (cd docs/site && npm run --silent build)
}

# The npm package with the core inside: web/dist.
build_web() {
  need wasm
  node_ready
  build wasm
  npm_install web
  say "build web"
  (cd web && npm run --silent build)
}
