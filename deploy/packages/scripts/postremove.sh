#!/bin/sh
# Removal leaves settings, data and the account. dpkg --purge takes them too:
# the list and the journal are gone then.
set -e

case "$1" in
  purge)
    rm -rf /var/lib/ringthrough /etc/ringthrough
    if getent passwd ringthrough >/dev/null; then
      userdel ringthrough
    fi
    if getent group ringthrough >/dev/null; then
      groupdel ringthrough
    fi
    ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
