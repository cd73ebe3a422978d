#!/bin/bash
# Makes sure that the engine has the images debian:SUITE-slim: base-image.sh [SUITE…], bookworm without words. An image is
# taken as it is, else pulled, else, where no registry can be reached, made with debootstrap from a Debian mirror. The last
# needs root.
set -euo pipefail

say() { printf 'base-image: %s\n' "$*" >&2; }

# mirror SUITE prints the mirror that this machine's apt takes the suite from, else Debian's own.
mirror() {
  local site=""
  if command -v apt-get >/dev/null; then
    site=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $1" "Component: main" "Created-By: Packages" "Label: Debian" 2>/dev/null | sort -u | head -n 1 || true)
  fi
  printf '%s\n' "${site:-http://deb.debian.org/debian}"
}

# apt_settings prints the settings without which apt on this machine would not get through; the image needs them as well.
apt_settings() {
  command -v apt-config >/dev/null || return 0
  apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date) ' || true
}

# bootstrap SUITE IMAGE
bootstrap() {
  local suite=$1 image=$2 url
  if ! command -v debootstrap >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap debian-archive-keyring >/dev/null
  fi
  root=$(mktemp -d)
  url=$(mirror "$suite")
  say "from $url"
  if ! debootstrap --variant=minbase "$suite" "$root/rootfs" "$url" >"$root/log" 2>&1; then
    tail -n 20 "$root/log" "$root/rootfs/debootstrap/debootstrap.log" >&2 || true
    say "debootstrap failed"
    exit 1
  fi
  apt_settings >"$root/rootfs/etc/apt/apt.conf.d/90host"
  # As in the real image: dpkg does not wait for the disk, apt loads no translations, and there is no cache of packages, no
  # list and no documentation.
  echo force-unsafe-io >"$root/rootfs/etc/dpkg/dpkg.cfg.d/unsafe-io"
  echo 'Acquire::Languages "none";' >"$root/rootfs/etc/apt/apt.conf.d/90languages"
  rm -rf "$root"/rootfs/var/cache/apt/archives/*.deb "$root"/rootfs/var/lib/apt/lists/* "$root"/rootfs/usr/share/{doc,man,locale}/*
  tar -C "$root/rootfs" --numeric-owner --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* -c . |
    docker import -c 'CMD ["bash"]' -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -m "debootstrap $suite" - "$image" >/dev/null
  rm -rf --one-file-system "$root"
  say "made $image"
}

root=""
trap '[ -z "$root" ] || rm -rf --one-file-system "$root"' EXIT
for suite in "${@:-bookworm}"; do
  image=debian:$suite-slim
  # Two calls at once make an image once.
  exec 9>"${TMPDIR:-/tmp}/tasks-base-image.$suite.$(id -u).lock"
  flock 9
  if docker image inspect "$image" >/dev/null 2>&1; then
    say "$image is there"
  elif timeout 120 docker pull -q "$image" >/dev/null 2>&1; then
    say "pulled $image"
  else
    say "$image cannot be pulled; making it with debootstrap"
    bootstrap "$suite" "$image"
  fi
done
