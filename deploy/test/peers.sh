#!/usr/bin/env bash
# Installs what the tests run against, on Debian 12 with Go and Node there
# already:
#
#   deploy/test/peers.sh            everything
#   deploy/test/peers.sh sip xml    these groups only
#
# What is there already is left alone, so a second run takes a moment and does
# not need root. No daemon is started: tests start their own.
set -euo pipefail

declare -A packages=(
  [race]="gcc libc6-dev"
  [lint]="git shellcheck"
  [http]="ca-certificates curl jq"
  [store]="postgresql-15 sqlite3"
  [xml]="libxml2-utils"
  [sip]="baresip-core espeak-ng iproute2 kamailio kamailio-json-modules kamailio-utils-modules sip-tester"
  [console]="chromium"
  [metrics]="prometheus prometheus-alertmanager"
  [shells]="fish zsh"
  [load]="wrk"
  [faults]="strace"
  [systemd]="systemd"
  [proxies]="nginx-light haproxy caddy"
  [manual]="mandoc"
  [zip]="zip"
  [node]=""
  [tools]=""
)
order=(race lint http store xml sip console metrics shells load faults systemd proxies manual zip node tools)

here=$(cd "$(dirname "$0")" && pwd)
sdk=$here/sdk
policy=/usr/sbin/policy-rc.d

say() { printf 'peers.sh: %s\n' "$*" >&2; }
die() {
  say "$@"
  exit 1
}

main() {
  local groups=("$@") group missing=()
  ((${#groups[@]})) || groups=("${order[@]}")
  for group in "${groups[@]}"; do
    [[ -v packages[$group] ]] || die "there is no group $group: use ${order[*]}"
  done
  for group in "${groups[@]}"; do
    mapfile -t -O "${#missing[@]}" missing < <(absent "${packages[$group]}")
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
  [[ " ${groups[*]} " != *" node "* ]] || install_sdk
  [[ " ${groups[*]} " != *" tools "* ]] || build_tools
}

# absent prints those packages of a list that aren't installed, one a line.
absent() {
  local package
  for package in $1; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

install_packages() {
  ((EUID == 0)) || die "run me as root, to install $*"
  command -v apt-get >/dev/null || die "this is no Debian: install $* by hand"
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  say "installing $*"
  "${apt[@]}" update </dev/null || die "apt-get update failed: is there a way to the package mirror?"
  forbid_daemons
  "${apt[@]}" install --no-install-recommends "$@" </dev/null || die "apt-get could not install $*"
}

# forbid_daemons keeps packages from starting what they bring, until this
# script ends. See https://www.debian.org/doc/debian-policy/ch-opersys.html,
# "Managing the links".
forbid_daemons() {
  local kept=$policy.before-peers
  if [[ -e $policy ]] && ! grep -q 'by peers.sh' "$policy"; then
    mv "$policy" "$kept"
  fi
  # shellcheck disable=SC2064 # the paths are those of now
  trap "rm -f '$policy'; [[ ! -e '$kept' ]] || mv '$kept' '$policy'" EXIT
  printf '#!/bin/sh\n# by peers.sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

# install_sdk installs the vendors' SDKs unless those of the lock file are
# there. No script of theirs is run.
install_sdk() {
  [[ -e $sdk/package-lock.json ]] || return 0
  local lock=$sdk/package-lock.json installed=$sdk/node_modules/.installed-lock.json
  ! cmp -s "$lock" "$installed" || return 0
  command -v npm >/dev/null || die "npm is not there: install Node 20 or later"
  say "installing the SDKs of $lock"
  npm ci --prefix "$sdk" --ignore-scripts --no-audit --no-fund </dev/null || die "npm ci could not install the SDKs of $lock"
  cp "$lock" "$installed"
}

# build_tools builds what tools.txt names, each version in a folder of its own
# where the tests look for it.
build_tools() {
  local name package version folder
  command -v go >/dev/null || die "go is not there: install Go 1.26 or later"
  while read -r name package version; do
    folder=${XDG_CACHE_HOME:-$HOME/.cache}/ringthrough-peers/$name@$version
    [[ ! -d $folder ]] || continue
    say "building $package@$version"
    rm -rf "$folder.new"
    GOFLAGS='' GOBIN=$folder.new go install "$package@$version" </dev/null || die "go install could not build $package@$version"
    mv "$folder.new" "$folder"
  done < <(grep -v '^#' "$here/tools.txt")
}

main "$@"
