#!/usr/bin/env bash
# Installs what building (and with --tests: testing) needs and is not there yet. Asks each library itself whether it is
# there, so a machine that has everything is left alone and needs neither apt nor root.
set -euo pipefail
cd "$(dirname "$0")/.."
with_tests=no
[ "${1:-}" = --tests ] && with_tests=yes

fail() {
  printf 'install-deps: %s\n' "$@" >&2
  exit 1
}

command -v swift >/dev/null || fail "Swift 6.3 or newer is needed and was not found; see https://www.swift.org/install/linux"

missing=()
need() { # apt package, then a command that succeeds when it is not needed
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -qF "$1 "; }
has_python_venv() { python3 -c 'import ensurepip, venv'; }

need pkg-config command -v pkg-config
need libopenmpi-dev pkg-config --exists ompi-c
need openmpi-bin command -v mpirun
need libhdf5-openmpi-dev pkg-config --exists hdf5-openmpi
need liblz4-dev pkg-config --exists liblz4
need libxxhash-dev pkg-config --exists libxxhash
need zlib1g-dev pkg-config --exists zlib
need libsleef-dev pkg-config --exists sleef
need libcairo2 has_library libcairo.so.2
need libopenblas0-serial has_library libopenblas.so.0

venv=.build/venv
wants_venv=no
if [ $with_tests = yes ] && ! "$venv/bin/python3" -c 'import numpy, lz4.block, xxhash, h5py, hdf5plugin' >/dev/null 2>&1; then
  wants_venv=yes
  need python3-venv has_python_venv
fi

if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail \
    "missing, by their Debian names: ${missing[*]}" \
    "this system has no apt-get; install their counterparts with its own package manager and run this again"
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail \
      "missing: ${missing[*]}" \
      "installing them needs root and there is no sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  printf 'install-deps: installing %s\n' "${missing[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1
  }
  # A fresh machine has no package lists; a network that is down must not hide that the packages may be cached.
  apt update || true
  apt install --no-install-recommends -y "${missing[@]}" || {
    tail -n 5 "$log" >&2
    fail "apt-get could not install ${missing[*]}" \
      "check the network and the package sources, then try: apt-get update && apt-get install ${missing[*]}"
  }
fi

if [ $wants_venv = yes ]; then
  printf 'install-deps: making the Python environment of the tests in %s (numpy, lz4, xxhash, h5py, hdf5plugin)\n' "$venv"
  # Packages that the system has are used as they are, so that this also works without a network.
  rm -rf "$venv"
  python3 -m venv --system-site-packages "$venv" || fail "python3 could not make a virtual environment"
  "$venv/bin/python3" -c 'import numpy, lz4.block, xxhash, h5py, hdf5plugin' 2>/dev/null ||
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check numpy lz4 xxhash h5py hdf5plugin || fail \
    "pip could not install numpy, lz4, xxhash, h5py and hdf5plugin" \
    "check the network, then run this again; set DASTORE_TEST_PYTHON to an interpreter that has them elsewhere"
fi
