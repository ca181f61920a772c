#!/usr/bin/env bash
# Runs every judge of this folder at full size, which takes half an hour on two
# cores, and then prints what was measured as a table in Markdown. Arguments go
# to go test:
#
#   deploy/test/faults/run.sh -race
#   deploy/test/faults/run.sh -v -run TestNetwork
#
# As root, for the tests that mount small disks; with deploy/test/peers.sh run
# before.
set -euo pipefail
cd "$(dirname "$0")/../../.."

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
export RINGTHROUGH_FAULTS=full RINGTHROUGH_REQUIRE_PEERS=1 RINGTHROUGH_FIGURES=$figures

code=0
go test -count=1 -timeout 4h "$@" ./deploy/test/faults || code=$?
printf '\n'
cat "$figures"
exit "$code"
