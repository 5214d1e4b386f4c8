#!/bin/sh
# The base of all images, made from Debian's own packages, for machines that reach no image registry: deftunes/base.
# Takes the host's extra certificate authorities with it. Its mirrors are
# those of this machine's apt, or what DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name.
set -eu
suite=bookworm
# The address this machine's apt has for a suite; nothing if it has none.
from_apt() { apt-get indextargets --format '$(CODENAME) $(REPO_URI)' | awk -v suite="$1" '$1 == suite { print $2; exit }'; }
mirror=${DEBIAN_MIRROR:-$(from_apt "$suite")}
security=${DEBIAN_SECURITY_MIRROR:-$(from_apt "$suite-security")}
: "${mirror:?this machine's apt knows no $suite: set DEBIAN_MIRROR to the address of a mirror}"
: "${security:?this machine's apt knows no $suite-security: set DEBIAN_SECURITY_MIRROR to the address of a mirror}"

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
