#!/usr/bin/env bash
# Fuzzes every target of the tree with so many inputs each (1000 unless said
# otherwise):
#
#   deploy/test/fuzz.sh 100000
#
# It is for people: what it finds depends on chance, so it judges no change.
# Recorded inputs are a part of go test.
set -euo pipefail
cd "$(dirname "$0")/../.."

inputs=${1:-1000}
listed=$(go test -list '^Fuzz' ./...)
while read -r package name; do
  echo "$package $name"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "${inputs}x" "$package" </dev/null
done < <(awk '/^Fuzz/ { names[n++] = $1 } /^ok/ { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' <<<"$listed")
