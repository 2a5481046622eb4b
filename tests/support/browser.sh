#!/usr/bin/env bash
# Stands in for a browser with someone at it: opens the consent page $1, allows, and follows the redirect.
# Signed in by the cookie of SESSION_TOKEN; keeps cookies in COOKIE_JAR.
set -euo pipefail
cookies=(--cookie "$COOKIE_JAR" --cookie-jar "$COOKIE_JAR")
host=${1#http://}
host=${host%%[:/]*}
printf '%s\tFALSE\t/\tFALSE\t0\tcoder_session_token\t%s\n' "$host" "$SESSION_TOKEN" >"$COOKIE_JAR"
page=$(curl --silent --fail "${cookies[@]}" --header 'Accept: text/html' "$1")
csrf=$(sed --quiet 's/.*name="csrf_token"[^>]*value="\([^"]*\)".*/\1/p' <<<"$page" | head --lines=1)
location=$(curl --silent "${cookies[@]}" --output /dev/null --write-out '%{redirect_url}' \
    --data-urlencode "csrf_token=$csrf" "$1")
curl --silent --fail --output /dev/null "$location"
