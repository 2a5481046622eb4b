#!/usr/bin/env bash
# Makes an OAuth2 app with a secret for trying the flows, and prints the variables that the other scripts read:
#
#     eval "$(scripts/oauth2/setup-test-app.sh)"
#
# usage: setup-test-app.sh [NAME] [CALLBACK_URL]
#     NAME           1 to 32 letters, digits and hyphens       (default: test-app-<seconds since 1970>)
#     CALLBACK_URL   where the browser is sent with the code   (default: http://localhost:9876/callback)
#
# environment:
#     CHANCERY_URL    the server                               (default: http://127.0.0.1:3000)
#     SESSION_TOKEN   a session or API token of an owner; or
#     CHANCERY_EMAIL, CHANCERY_PASSWORD   to sign in with
#
# Remove the app again with cleanup-test-app.sh.
set -euo pipefail
# shellcheck source=scripts/oauth2/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

case ${1:-} in
    -h | --help) usage 0 ;;
    -*) usage 2 >&2 ;;
esac
need curl jq
need_session
create_app "${1:-test-app-$(date +%s)}" "${2:-http://localhost:9876/callback}"
printf 'export CHANCERY_URL=%q\n' "$CHANCERY_URL"
printf 'export APP_ID=%q\n' "$APP_ID"
printf 'export CLIENT_ID=%q\n' "$CLIENT_ID"
printf 'export CLIENT_SECRET=%q\n' "$CLIENT_SECRET"
