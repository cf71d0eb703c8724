#!/bin/sh
# Builds the root file system of localhost/nightshift/toolbox as a tar file, from the packages of the Debian or Ubuntu
# release this machine runs. Usage: build.sh OUT.tar
# `nightshift up` runs it when the engine has no image of this recipe, and imports the result.
set -eu
out=$1

# What a shell task may count on. Order does not matter; every name costs start-up time of nobody, only disk.
packages="bash busybox ca-certificates coreutils curl dash diffutils findutils gawk git gzip jq openssl patch procps sed tar tzdata unzip xz-utils zip"

. /etc/os-release
for sources in "/etc/apt/sources.list.d/$ID.sources" /etc/apt/sources.list ""; do
  [ -z "$sources" ] || [ ! -s "$sources" ] || break # the machine's own mirrors; none found: the release's usual ones
done

# Proxies and the like that this machine's apt needs; they are removed from the image again.
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
apt-config dump --format '%F "%v";%n' Acquire | grep -E '^Acquire::(http|https|ftp|Check|Retries)' >"$settings" || :

# shellcheck disable=SC2086 # one argument per package, none for empty sources
mmdebstrap --quiet --variant=essential --format=tar --aptopt="$settings" \
  --include="$(echo $packages | tr ' ' ',')" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/lintian/*' \
  --customize-hook='rm -rf "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/var/cache/* "$1"/var/log/* "$1"/etc/resolv.conf "$1"/etc/hostname' \
  --customize-hook='mkdir -m 1777 "$1"/work' \
  "${VERSION_CODENAME}" "$out" $sources
