#!/usr/bin/env bash
# Runs the OAuth2 flows of an MCP client against a running server and says of each step whether it went as it must.
# Makes an app of its own and deletes it at the end. Exit code 0: every step passed.
#
# usage: test-mcp-oauth2.sh
#
# environment:
#     CHANCERY_URL    the server                               (default: http://127.0.0.1:3000)
#     SESSION_TOKEN   a session or API token of an owner; or
#     CHANCERY_EMAIL, CHANCERY_PASSWORD   to sign in with
set -euo pipefail
# shellcheck source=scripts/oauth2/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

case ${1:-} in
    '') ;;
    -h | --help) usage 0 ;;
    *) usage 2 >&2 ;;
esac
need curl jq
need_session

callback=http://localhost:9876/callback
failures=0

# check NAME ACTUAL EXPECTED: compares, says so, counts.
check() {
    if [[ $2 == "$3" ]]; then
        printf 'ok      %s\n' "$1"
    else
        printf 'FAILED  %s: got "%s", expected "%s"\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# allow NAME=VALUE...: allows an authorization, and prints where the server sends the browser.
allow() {
    local url="$CHANCERY_URL/oauth2/authorize?client_id=$CLIENT_ID&response_type=code" pair
    for pair in "redirect_uri=$callback" "$@"; do
        url+="&${pair%%=*}=$(encoded "${pair#*=}")"
    done
    signed_in --request POST --output /dev/null --write-out '%{redirect_url}' "$url"
}

me_with() {
    curl --silent --output /dev/null --write-out '%{http_code}' "$@"
}

field() {
    jq --raw-output "$1 // empty" <<<"$2"
}

echo "server: $CHANCERY_URL"
metadata=$(curl --silent --show-error --fail "$CHANCERY_URL/.well-known/oauth-authorization-server")
issuer=$(field .issuer "$metadata")
check 'metadata names the authorization endpoint' "$(field .authorization_endpoint "$metadata")" "$issuer/oauth2/authorize"
check 'metadata names the token endpoint' "$(field .token_endpoint "$metadata")" "$issuer/oauth2/tokens"
check 'metadata offers S256 and nothing else' "$(field '.code_challenge_methods_supported | join(" ")' "$metadata")" S256

create_app "mcp-test-$(date +%s)" "$callback"
trap 'delete_app "$APP_ID" >/dev/null' EXIT
check 'an app can be made' "${#APP_ID}" 36
check 'a secret can be made' "${#CLIENT_SECRET}" 57

verifier=$(random_text)
state=$(random_text)
location=$(allow "state=$state" "code_challenge=$(challenge_of "$verifier")" code_challenge_method=S256)
check 'allowing sends the browser to the callback' "${location%%\?*}" "$callback"
check 'the state comes back' "$(query_parameter "$location" state)" "$state"
check 'the issuer is named' "$(query_parameter "$location" iss)" "$issuer"
code=$(query_parameter "$location" code)

answer=$(token_request grant_type=authorization_code "code=$code" "code_verifier=$(random_text)")
check 'a wrong verifier is refused' "$(field .error "$answer")" invalid_grant
answer=$(token_request grant_type=authorization_code "code=$code" "code_verifier=$verifier" "redirect_uri=$callback")
check 'the code is exchanged' "$(field .token_type "$answer")" Bearer
answer=$(token_request grant_type=authorization_code "code=$code" "code_verifier=$verifier" "redirect_uri=$callback")
check 'the code works only once' "$(field .error "$answer")" invalid_grant

resource=https://tools.example.com/mcp
location=$(allow "state=$state" "resource=$resource")
code=$(query_parameter "$location" code)
answer=$(token_request grant_type=authorization_code "code=$code" "redirect_uri=$callback" resource=https://other.example.com/mcp)
check 'another resource is refused' "$(field .error "$answer")" invalid_target
answer=$(token_request grant_type=authorization_code "code=$code" "redirect_uri=$callback" "resource=$resource")
check 'the authorized resource is granted' "$(field .token_type "$answer")" Bearer
bound=$(field .access_token "$answer")
check 'a token for another resource does not open the API' \
    "$(me_with --header @<(printf 'Authorization: Bearer %s\n' "$bound") "$CHANCERY_URL/api/v2/users/me")" 403

location=$(allow "state=$state")
code=$(query_parameter "$location" code)
answer=$(token_request grant_type=authorization_code "code=$code" "redirect_uri=$callback")
first=$(field .access_token "$answer")
answer=$(token_request grant_type=refresh_token "refresh_token=$(field .refresh_token "$answer")")
token=$(field .access_token "$answer")
check 'a refresh gives a new token' "$([[ -n $token && $token != "$first" ]] && echo new)" new
check 'the refreshed-away token is dead' \
    "$(me_with --header @<(printf 'Authorization: Bearer %s\n' "$first") "$CHANCERY_URL/api/v2/users/me")" 401
check 'the token works as a bearer header' \
    "$(me_with --header @<(printf 'Authorization: Bearer %s\n' "$token") "$CHANCERY_URL/api/v2/users/me")" 200
check 'the token works in the query' "$(me_with "$CHANCERY_URL/api/v2/users/me?access_token=$token")" 200

challenge=$(curl --silent --output /dev/null --dump-header - "$CHANCERY_URL/api/v2/users/me" |
    tr --delete '\r' | sed --quiet 's/^www-authenticate: //Ip')
check 'a request without a token is challenged' "${challenge%% *}" Bearer
named=$(sed --quiet 's/.*resource_metadata="\([^"]*\)".*/\1/p' <<<"$challenge")
check 'the challenge names the resource metadata' "$named" "$issuer/.well-known/oauth-protected-resource"
metadata=$(curl --silent --show-error --fail "$CHANCERY_URL/.well-known/oauth-protected-resource")
check 'the resource names its authorization server' "$(field '.authorization_servers[0]' "$metadata")" "$issuer"
check 'the resource takes header and query' "$(field '.bearer_methods_supported | sort | join(" ")' "$metadata")" 'header query'

if ((failures > 0)); then
    echo "$failures failed"
    exit 1
fi
echo 'all passed'
