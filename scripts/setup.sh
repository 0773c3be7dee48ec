#!/usr/bin/env bash
# Sets up what Swath needs on a Debian or Ubuntu machine: PostgreSQL with PostGIS, uv, the locked
# Python environment, the web client. Says one line per step; running it again changes nothing.
# Arguments: the parts to set up (postgresql uv python web browser); without any, all but the
# browser, which only the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly UV_VERSION=0.13.9
readonly UV_HOME="$PWD/.uv"

# Runs a command quietly; its output is shown only if it fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" >&2
    echo "failed: $*" >&2
    exit 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# One sentence and an end, unless we may install packages. Arguments: the packages.
require_root() {
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
    echo "Run this once, then 'make setup' again: sudo apt-get install -y $*" >&2
    exit 1
  fi
}

postgis() { ls /usr/share/postgresql/*/extension/postgis.control 2>/dev/null | sort -V | tail -n 1; }

# Debian's packages of PostgreSQL make and start a cluster of the system unless told otherwise.
# Swath keeps its own, so on a machine without PostgreSQL no such cluster is left behind.
without_system_cluster() {
  if ! dpkg -s postgresql-common >/dev/null 2>&1; then
    quietly as_root apt-get install -y --no-install-recommends postgresql-common
    as_root sed -i -E "s/^#? *create_main_cluster *=.*/create_main_cluster = false/" \
      /etc/postgresql-common/createcluster.conf
    if ! grep -q '^create_main_cluster = false' /etc/postgresql-common/createcluster.conf; then
      echo 'create_main_cluster = false' \
        | as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
    fi
  fi
}

setup_postgresql() {
  local package=postgresql-postgis
  if [ -n "$(postgis)" ] && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    echo "ok PostgreSQL $(basename "$(dirname "$(dirname "$(postgis)")")") with PostGIS"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Install PostgreSQL with PostGIS by this system's means: there is no apt-get here." >&2
    exit 1
  fi
  if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then package=postgresql-15-postgis-3; fi
  require_root "$package"
  echo "installing PostgreSQL with PostGIS ($package) ..."
  export DEBIAN_FRONTEND=noninteractive
  quietly as_root apt-get update
  without_system_cluster
  quietly as_root apt-get install -y --no-install-recommends "$package"
}

setup_uv() {
  if command -v uv >/dev/null; then
    UV=$(command -v uv)
    echo "ok $("$UV" --version | cut -d' ' -f1,2)"
    return
  fi
  UV="$UV_HOME/bin/uv"
  if [ -x "$UV" ]; then
    echo "ok $("$UV" --version | cut -d' ' -f1,2) in .uv"
    return
  fi
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    require_root python3-venv
    echo "installing python3-venv ..."
    quietly as_root apt-get update
    quietly as_root apt-get install -y --no-install-recommends python3-venv
  fi
  echo "installing uv $UV_VERSION into .uv ..."
  quietly python3 -m venv "$UV_HOME"
  quietly "$UV_HOME/bin/pip" install --quiet "uv==$UV_VERSION"
}

setup_python() {
  local began=$SECONDS
  echo "installing the Python environment of uv.lock into .venv ..."
  quietly "$UV" sync --quiet --locked --all-extras
  echo "ok Python environment ($((SECONDS - began)) s)"
}

# Whether the built web client is there and no source is newer.
web_is_fresh() {
  [ -f api/web/dist/index.html ] && [ -z "$(find api/web -type f -newer api/web/dist/index.html \
    -not -path '*/node_modules/*' -not -path '*/dist/*' -print -quit)" ]
}

setup_web() {
  if web_is_fresh; then
    echo "ok web client"
    return
  fi
  local began=$SECONDS
  echo "building the web client ..."
  quietly "$UV" run --no-sync python scripts/build_web.py
  echo "ok web client ($((SECONDS - began)) s)"
}

setup_browser() {
  if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    echo "ok Chromium"
    return
  fi
  require_root chromium chromium-driver
  echo "installing Chromium ..."
  export DEBIAN_FRONTEND=noninteractive
  quietly as_root apt-get update
  quietly as_root apt-get install -y --no-install-recommends chromium chromium-driver
}

if [ $# = 0 ]; then set -- postgresql uv python web; fi
for part in "$@"; do "setup_$part"; done
