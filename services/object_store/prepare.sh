#!/bin/sh
# Buckets, and the one account of the platform, which may use these two and do nothing else. Again and again leaves the same.
set -eu
export MC_CONFIG_DIR=/tmp/mc
for bucket in deftunes-landing deftunes-warehouse; do
  mc mb --quiet --ignore-existing "store/$bucket"
done
mc --quiet admin policy create store deftunes /usr/local/share/policy.json
mc --quiet admin user add store deftunes "${S3_SECRET_KEY:?set it in .env}" > /dev/null
mc --quiet admin policy attach store deftunes --user deftunes > /dev/null 2>&1 \
  || mc admin policy entities store --user deftunes | grep --quiet --word-regexp deftunes
