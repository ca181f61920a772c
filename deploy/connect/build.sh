#!/usr/bin/env bash
# Builds function.zip, which template.yaml deploys, beside this script:
#
#   deploy/connect/build.sh                     for arm64, without a list
#   deploy/connect/build.sh amd64 list.yaml     for x86_64, with a list in it
#
# The list is what ringthrough export writes: without one the function needs a
# database. bootstrap is what Lambda starts; it has to have that name, and gives
# ringthrough the word that it needs.
set -euo pipefail

arch=${1:-arm64}
list=${2:-}
case $arch in
  arm64 | amd64) ;;
  *)
    echo "build.sh: $arch is neither arm64 nor amd64" >&2
    exit 2
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
zip=${OUTPUT:-$here/function.zip}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$here/../.." && CGO_ENABLED=0 GOOS=linux GOARCH=$arch go build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/ringthrough" ./cmd/ringthrough)
cat >"$work/bootstrap" <<'EOF'
#!/bin/sh
exec "${LAMBDA_TASK_ROOT:-.}/ringthrough" lambda
EOF
chmod 755 "$work/bootstrap" "$work/ringthrough"
files=(bootstrap ringthrough)
if [[ -n $list ]]; then
  cp "$list" "$work/list.yaml"
  chmod 644 "$work/list.yaml"
  files+=(list.yaml)
fi
rm -f "$zip"
(cd "$work" && zip -q -X "$zip" "${files[@]}")
echo "$zip"
