#!/usr/bin/env bash
# Makes what stands in packages beside the program: the manual page and what
# shells complete by.
#
#   deploy/packages/stage.sh PROGRAM FOLDER
#
# PROGRAM is a ringthrough that runs here.
set -euo pipefail

(($# == 2)) || {
  echo "usage: $0 PROGRAM FOLDER" >&2
  exit 2
}
program=$1 folder=$2
mkdir -p "$folder"
"$program" man | gzip -9n >"$folder/ringthrough.1.gz"
for shell in bash zsh fish; do
  "$program" completion "$shell" >"$folder/completion.$shell"
done
