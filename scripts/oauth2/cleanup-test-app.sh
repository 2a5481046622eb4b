#!/usr/bin/env bash
# Deletes an OAuth2 app, and with it its secrets, codes and tokens.
#
# usage: cleanup-test-app.sh [APP_ID]
#     APP_ID         the app   (default: the environment's APP_ID, which setup-test-app.sh sets, else CLIENT_ID)
#
# environment:
#     CHANCERY_URL    the server                               (default: http://127.0.0.1:3000)
#     SESSION_TOKEN   a session or API token of an owner; or
#     CHANCERY_EMAIL, CHANCERY_PASSWORD   to sign in with
set -euo pipefail
# shellcheck source=scripts/oauth2/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

case ${1:-} in
    -h | --help) usage 0 ;;
    -*) usage 2 >&2 ;;
esac
app=${1:-${APP_ID:-${CLIENT_ID:-}}}
need curl jq
[[ -n $app ]] || fail 'which app? Give its id, or set APP_ID.'
need_session
status=$(delete_app "$app")
case $status in
    204) echo "deleted app $app" ;;
    404) echo "there is no app $app (any more)" ;;
    *) fail "deleting app $app answered $status" ;;
esac
