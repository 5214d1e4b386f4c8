#!/bin/sh
exec python -m deftunes "$@"
