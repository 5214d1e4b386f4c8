#!/bin/bash
# Whether a server of this container answers: probe PORT [PATH [TEXT]]. With a PATH it must say 200, with a TEXT also that.
# Without a program to start: it is asked every two seconds.
set -eu
exec 3<> "/dev/tcp/${PROBE_HOST:-127.0.0.1}/$1"
[ $# -gt 1 ] || exit 0
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
answer=$(timeout 3 cat <&3)
[[ $answer == HTTP/*' 200'* && $answer == *"${3:-}"* ]]
