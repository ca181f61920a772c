#!/bin/sh
# Stops the service when the package goes for good: dpkg says remove, rpm 0,
# and apk nothing of the kind.
set -e

case "${1:-remove}" in
  upgrade | failed-upgrade | deconfigure | 1) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl disable --now ringthrough.service
fi
