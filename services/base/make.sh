#!/bin/sh
# The base of all images, made from Debian's own packages, for machines that reach no image registry: deftunes/base.
# Takes the host's extra certificate authorities with it. DEBIAN_MIRROR names another mirror than Debian's.
set -eu
suite=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}

command -v debootstrap > /dev/null || { echo 'debootstrap is missing: apt-get install debootstrap' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'debootstrap wants root: sudo make base-image' >&2; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" > /dev/null
printf '%s\n' "deb $mirror $suite main" "deb $mirror $suite-updates main" "deb $security $suite-security main" \
  > "$root/etc/apt/sources.list"
for authority in /usr/local/share/ca-certificates/*.crt; do
  if [ -e "$authority" ]; then cp "$authority" "$root/usr/local/share/ca-certificates/"; fi
done
chroot "$root" update-ca-certificates > /dev/null
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*
tar -C "$root" -c . | docker import --change 'CMD ["bash"]' - deftunes/base > /dev/null
echo "deftunes/base is there"
