# What the OAuth2 scripts share; sourced, not run. Needs bash, curl, jq and the coreutils.
# shellcheck shell=bash

CHANCERY_URL=${CHANCERY_URL:-http://127.0.0.1:3000}
CHANCERY_URL=${CHANCERY_URL%/}
JSON='Content-Type: application/json'

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Prints the comment block at the head of the script, and ends, when help is asked for or an argument is unknown.
usage() {
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
    exit "${1:-0}"
}

# Names every missing program at once, with the command that installs them on Debian.
need() {
    local missing=() tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) || fail "missing: ${missing[*]}. Install with: apt-get install ${missing[*]}"
}

need_server() {
    curl --silent --output /dev/null --max-time 10 "$CHANCERY_URL/api/v2/buildinfo" ||
        fail "no server answers at $CHANCERY_URL. Start one with scripts/serve, or set CHANCERY_URL."
}

# Sets SESSION_TOKEN: as given, else by signing in with CHANCERY_EMAIL and CHANCERY_PASSWORD.
need_session() {
    local answer
    need_server
    if [[ -z ${SESSION_TOKEN:-} ]]; then
        [[ -n ${CHANCERY_EMAIL:-} && -n ${CHANCERY_PASSWORD:-} ]] ||
            fail 'set SESSION_TOKEN, or CHANCERY_EMAIL and CHANCERY_PASSWORD to sign in with'
        answer=$(jq --null-input '{email: env.CHANCERY_EMAIL, password: env.CHANCERY_PASSWORD}' |
            curl --silent --show-error --header "$JSON" --data @- "$CHANCERY_URL/api/v2/users/login")
        SESSION_TOKEN=$(jq --raw-output '.session_token // empty' <<<"$answer")
        [[ -n $SESSION_TOKEN ]] || fail "signing in failed: $(jq --raw-output '.message // .' <<<"$answer")"
    fi
    signed_in --output /dev/null --fail "$CHANCERY_URL/api/v2/users/me" ||
        fail 'the session token is not accepted; sign in again'
}

# curl with the session. Secrets go through a file descriptor, so that the process list does not show them.
signed_in() {
    curl --silent --show-error --header @<(printf 'Coder-Session-Token: %s\n' "$SESSION_TOKEN") "$@"
}

# Makes an app named $1 with the callback $2 and a secret. Sets APP_ID, CLIENT_ID and CLIENT_SECRET.
create_app() {
    local answer apps=$CHANCERY_URL/api/v2/oauth2-provider/apps
    answer=$(jq --null-input --arg name "$1" --arg callback "$2" '{name: $name, callback_url: $callback}' |
        signed_in --header "$JSON" --data @- "$apps")
    APP_ID=$(jq --raw-output '.id // empty' <<<"$answer")
    [[ -n $APP_ID ]] || fail "creating the app failed: $answer"
    CLIENT_ID=$APP_ID
    answer=$(signed_in --request POST "$apps/$APP_ID/secrets")
    CLIENT_SECRET=$(jq --raw-output '.client_secret_full // empty' <<<"$answer")
    [[ -n $CLIENT_SECRET ]] || fail "creating the secret failed: $answer"
}

delete_app() {
    signed_in --output /dev/null --write-out '%{http_code}' --request DELETE \
        "$CHANCERY_URL/api/v2/oauth2-provider/apps/$1"
}

base64url() {
    base64 --wrap=0 | tr '+/' '-_' | tr --delete '='
}

random_text() {
    head --bytes=32 /dev/urandom | base64url
}

# The S256 challenge of a verifier (RFC 7636 section 4.2), without openssl: sha256sum's digits back to bytes.
challenge_of() {
    local digest
    digest=$(printf '%s' "$1" | sha256sum | cut --delimiter=' ' --fields=1 | sed 's/../\\x&/g')
    printf '%b' "$digest" | base64url
}

# Percent-encodes $1.
encoded() {
    jq --null-input --raw-output --arg text "$1" '$text | @uri'
}

# The decoded value of query parameter $2 of the URL $1; nothing when it is not there.
query_parameter() {
    local query=${1#*\?} pair value
    local IFS='&'
    for pair in ${query%%#*}; do
        if [[ ${pair%%=*} == "$2" ]]; then
            value=${pair#*=}
            value=${value//+/ }
            printf '%b' "${value//%/\\x}"
            return
        fi
    done
}

# POSTs name=value arguments as a form to the token endpoint, as the client with CLIENT_ID and CLIENT_SECRET.
token_request() {
    local fields=() pair
    for pair in "client_id=$CLIENT_ID" "client_secret=$CLIENT_SECRET" "$@"; do
        fields+=("$(encoded "${pair%%=*}")=$(encoded "${pair#*=}")")
    done
    local IFS='&'
    curl --silent --show-error --data @<(printf '%s' "${fields[*]}") "$CHANCERY_URL/oauth2/tokens"
}
