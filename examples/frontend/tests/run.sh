#!/bin/sh
# run.sh TEST…: each test is a folder NAME with the address of a page in the file url, and the lines of the page's body in
# the file expected. The browser loads the page, runs its scripts, and prints the document that it shows then.
set -eu
cd "$(dirname "$0")"
for name in "$@"; do
  # One element a line, without tags and without the scripts' own text.
  browse "http://web$(cat "$name/url")" --dump-dom |
    sed -n '/<h1>/,$p' | sed 's/<\/li>/\n/g; s/<script.*//; s/<[^>]*>//g' | sed '/^ *$/d' >"/tmp/$name"
  diff -u --label "$name/expected" --label "the page" "$name/expected" "/tmp/$name"
  echo "ok $name"
done
