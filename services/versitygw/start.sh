#!/bin/sh
# The store with two accounts: admin, and the platform's, which may do what the policies of its buckets say (deftunes/services/object_store.py).
set -eu
umask 077
mkdir -p /tmp/accounts /versitygw/objects
key=$(cat /run/secrets/S3_SECRET_KEY)
printf '{"accessAccounts": {"%s": {"access": "%s", "secret": "%s", "role": "user"}}}' "$S3_ACCOUNT" "$S3_ACCOUNT" "$key" \
  > /tmp/accounts/users.json
ROOT_ACCESS_KEY=admin ROOT_SECRET_KEY=$(cat /run/secrets/OBJECT_STORE_PASSWORD)
export ROOT_ACCESS_KEY ROOT_SECRET_KEY
exec versitygw --port :9000 --health /versitygw/health/ready --iam-dir /tmp/accounts --quiet posix /versitygw/objects
