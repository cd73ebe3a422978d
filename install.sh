#!/bin/sh
# Installs tasks from a release: downloads the archive for this system, verifies its checksum, and moves the program into a
# directory. docs/releasing.md explains the parts of a release.
#
#   TASKS_VERSION    the version, as 1.2.3
#   TASKS_DOWNLOADS  the address of the directory with the files of the release
#   TASKS_DIR        the directory for the program; the default is /usr/local/bin for root, else ~/.local/bin
set -eu

version=${TASKS_VERSION:-}
downloads=${TASKS_DOWNLOADS:-}
if [ "$(id -u)" = 0 ]; then
  directory=${TASKS_DIR:-/usr/local/bin}
else
  directory=${TASKS_DIR:-$HOME/.local/bin}
fi

say() { printf 'install.sh: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# download URL FILE
download() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    die "there is no curl and no wget: install either of them"
  fi || die "cannot download $1"
}

# sum_of FILE prints the SHA-256 of a file.
sum_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1"
  else
    die "there is no sha256sum and no shasum: the checksum cannot be verified"
  fi | cut -d ' ' -f 1
}

[ -n "$version" ] || die "which version? Set TASKS_VERSION, or take the install.sh of a release"
[ -n "$downloads" ] || die "from where? Set TASKS_DOWNLOADS, or take the install.sh of a release"
version=${version#v}

system=$(uname -s | tr '[:upper:]' '[:lower:]')
case $system in
  linux | darwin) ;;
  *) die "there is no archive for the system $system here: on Windows, take the zip file or the manifest for Scoop" ;;
esac
machine=$(uname -m)
case $machine in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) die "there is no archive for the processor $machine: build tasks from source, with go build ./cmd/tasks" ;;
esac

mkdir -p "$directory" 2>/dev/null || die "cannot create $directory: set TASKS_DIR to a directory of your own, or call with sudo"
[ -w "$directory" ] || die "cannot write to $directory: set TASKS_DIR to a directory of your own, or call with sudo"
[ ! -d "$directory/tasks" ] || die "$directory/tasks is a directory: remove it, or set TASKS_DIR to another directory"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
archive=tasks_${version}_${system}_$arch.tar.gz
download "$downloads/SHA256SUMS" "$work/SHA256SUMS"
download "$downloads/$archive" "$work/$archive"

expected=$(awk -v name="$archive" '$2 == name { print $1 }' "$work/SHA256SUMS")
[ -n "$expected" ] || die "SHA256SUMS has no checksum of $archive: nothing is installed"
actual=$(sum_of "$work/$archive")
[ "$expected" = "$actual" ] || die "$archive has the checksum $actual, not $expected: nothing is installed. Try again later"

tar -xzf "$work/$archive" -C "$work" tasks
# A program that runs cannot be overwritten, but its name can be given to another file.
cp "$work/tasks" "$directory/.tasks.$$"
chmod 755 "$directory/.tasks.$$"
mv -f "$directory/.tasks.$$" "$directory/tasks"
say "installed $("$directory/tasks" version) as $directory/tasks"
case :$PATH: in
  *":$directory:"*) ;;
  *) say "$directory is not in your PATH" ;;
esac
