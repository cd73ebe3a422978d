#!/bin/sh
# browse URL [FLAG…]: loads a page in Chromium, and lets its scripts run for up to five seconds of the page's own clock. The
# container has no sandbox of the browser, because the container is one itself.
set -eu
url=$1
shift
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT
chromium-headless-shell --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
  --virtual-time-budget=5000 --window-size=800,600 "$@" "$url" 2>"$HOME/log" || { cat "$HOME/log" >&2; exit 1; }
