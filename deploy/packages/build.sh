#!/usr/bin/env bash
# Builds the packages for Linux, without a release:
#
#   deploy/packages/build.sh VERSION ARCH FOLDER [FORMAT…]
#
# ARCH is Go's name, such as amd64 or arm64; FORMAT is deb, rpm or apk, and all
# three by default. NFPM names the nfpm to run; without it, the version that
# deploy/test/tools.txt has is run.
set -euo pipefail

main() {
  (($# >= 3)) || {
    echo "usage: $0 VERSION ARCH FOLDER [FORMAT…]" >&2
    exit 2
  }
  export VERSION=$1 ARCH=$2 STAGE
  mkdir -p "$3"
  local folder here tree formats=("${@:4}") format
  folder=$(cd "$3" && pwd)
  here=$(cd "$(dirname "$0")" && pwd)
  tree=$(cd "$here/../.." && pwd)
  ((${#formats[@]})) || formats=(deb rpm apk)
  STAGE=$(mktemp -d)
  trap 'rm -rf "$STAGE"' EXIT

  compile "$tree" linux "$ARCH" "$STAGE/ringthrough"
  compile_here "$tree"
  "$here/stage.sh" "$STAGE/here" "$STAGE"
  cd "$here"
  for format in "${formats[@]}"; do
    nfpm package --config nfpm.yaml --packager "$format" --target "$folder/"
  done
}

compile() {
  (cd "$1" && CGO_ENABLED=0 GOOS=$2 GOARCH=$3 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=$VERSION" -o "$4" ./cmd/ringthrough)
}

# compile_here builds the one that prints the manual page, unless the one that
# is packed runs here.
compile_here() {
  local os arch
  os=$(go env GOHOSTOS) arch=$(go env GOHOSTARCH)
  if [[ $os/$arch == linux/$ARCH ]]; then
    ln "$STAGE/ringthrough" "$STAGE/here"
  else
    compile "$1" "$os" "$arch" "$STAGE/here"
  fi
}

nfpm() {
  if [[ -n ${NFPM:-} ]]; then
    "$NFPM" "$@"
  else
    go run "$(awk '$1 == "nfpm" { print $2 "@" $3 }' ../test/tools.txt)" "$@"
  fi
}

main "$@"
