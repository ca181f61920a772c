#!/bin/sh
# Makes the account that the service runs as, before its files are unpacked.
set -e

if ! getent group ringthrough >/dev/null; then
  if command -v groupadd >/dev/null; then
    groupadd --system ringthrough
  else
    addgroup -S ringthrough
  fi
fi
if ! getent passwd ringthrough >/dev/null; then
  if command -v useradd >/dev/null; then
    useradd --system --gid ringthrough --home-dir /var/lib/ringthrough --no-create-home --shell /usr/sbin/nologin ringthrough
  else
    adduser -S -D -H -G ringthrough -h /var/lib/ringthrough -s /sbin/nologin ringthrough
  fi
fi
