#!/usr/bin/env bash
# Goes through the authorization code flow with PKCE in a browser: opens the consent page, waits for the code at a
# local callback, exchanges it, calls the API and refreshes.
#
# usage: test-manual-flow.sh [--paste]
#     --paste   do not listen: the script asks for the address that the browser ends at. It also does so by itself
#               when neither python3 nor nc is there to listen with.
#
# environment:
#     CHANCERY_URL               the server     (default: http://127.0.0.1:3000)
#     CLIENT_ID, CLIENT_SECRET   the client; make one with: eval "$(scripts/oauth2/setup-test-app.sh)"
#     CALLBACK_PORT              where to listen on localhost                  (default: 9876)
#     RESOURCE                   resource to ask a token for                   (default: none, the server itself)
#     SCOPE                      scopes to ask for                             (default: none)
#     BROWSER                    command that is given the address to open     (default: xdg-open, if there is one)
set -euo pipefail
# shellcheck source=scripts/oauth2/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

paste=
case ${1:-} in
    '') ;;
    --paste) paste=yes ;;
    -h | --help) usage 0 ;;
    *) usage 2 >&2 ;;
esac
need curl jq
[[ -n ${CLIENT_ID:-} && -n ${CLIENT_SECRET:-} ]] ||
    fail "set CLIENT_ID and CLIENT_SECRET, for example with: eval \"\$(scripts/oauth2/setup-test-app.sh)\""
need_server
port=${CALLBACK_PORT:-9876}
callback=http://localhost:$port/callback

# Prints "listening", waits for one request at the callback, and prints its path and query.
listen_with_python() {
    python3 - "$port" <<'PYTHON'
import http.server, sys

class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path.startswith("/callback") else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        if self.path.startswith("/callback"):
            self.wfile.write("Done. Go back to the terminal.\n".encode())
            self.server.answer = self.path

    def log_message(self, *ignored):
        pass

server = http.server.HTTPServer(("localhost", int(sys.argv[1])), Callback)
server.answer = None
print("listening", flush=True)
while server.answer is None:
    server.handle_request()
print(server.answer)
PYTHON
}

listen_with_nc() {
    local answer='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 31\r\nConnection: close\r\n\r\n'
    answer+='Done. Go back to the terminal.\n'
    local flags=(-l localhost "$port") request=
    # The traditional nc takes the port by -p; the OpenBSD one refuses -p beside -l.
    if nc -h 2>&1 | grep --quiet -- '-l -p'; then
        flags=(-l -p "$port" -s localhost -q 1)
    fi
    echo listening
    until [[ $request == /callback* ]]; do
        request=$(printf '%b' "$answer" | nc "${flags[@]}" | sed --quiet '1s/^GET \([^ ]*\) .*/\1/p')
    done
    printf '%s\n' "$request"
}

if [[ -z $paste ]]; then
    if command -v python3 >/dev/null; then
        listen=listen_with_python
    elif command -v nc >/dev/null; then
        listen=listen_with_nc
    else
        echo 'Neither python3 nor nc is here to listen for the callback (apt-get install python3).' >&2
        paste=yes
    fi
fi

verifier=$(random_text)
state=$(random_text)
url="$CHANCERY_URL/oauth2/authorize?client_id=$CLIENT_ID&response_type=code&state=$state"
url+="&redirect_uri=$(encoded "$callback")&code_challenge=$(challenge_of "$verifier")&code_challenge_method=S256"
[[ -z ${RESOURCE:-} ]] || url+="&resource=$(encoded "$RESOURCE")"
[[ -z ${SCOPE:-} ]] || url+="&scope=$(encoded "$SCOPE")"

open_browser() {
    local command=${BROWSER:-xdg-open}
    printf 'Open this address, sign in and allow:\n\n    %s\n\n' "$url"
    if command -v "$command" >/dev/null; then
        "$command" "$url" >/dev/null 2>&1 || echo "$command could not open it." >&2
    fi
}

if [[ -n $paste ]]; then
    open_browser
    echo "The browser then goes to $callback?..., where nobody listens. Paste that whole address here:"
    IFS= read -r location
else
    # The listener first, then the browser, which must find it there.
    exec {answer}< <("$listen")
    IFS= read -r _ <&"$answer" || fail "cannot listen on port $port; is it taken? Set CALLBACK_PORT."
    open_browser &
    echo "Waiting for the callback at $callback ..."
    IFS= read -r location <&"$answer" || fail "the listener on port $port ended without a callback"
fi

error=$(query_parameter "$location" error)
[[ -z $error ]] || fail "the server answered $error: $(query_parameter "$location" error_description)"
[[ $(query_parameter "$location" state) == "$state" ]] || fail 'the state that came back is not the one that was sent'
code=$(query_parameter "$location" code)
[[ -n $code ]] || fail "there is no code in $location"
echo 'The code has arrived.'

exchange=(grant_type=authorization_code "code=$code" "code_verifier=$verifier" "redirect_uri=$callback")
[[ -z ${RESOURCE:-} ]] || exchange+=("resource=$RESOURCE")
tokens=$(token_request "${exchange[@]}")
access=$(jq --raw-output '.access_token // empty' <<<"$tokens")
[[ -n $access ]] || fail "the exchange was refused: $tokens"
echo "Exchanged: access token ${access%%-*}-..., expires in $(jq .expires_in <<<"$tokens") s."

me=$(curl --silent --header @<(printf 'Authorization: Bearer %s\n' "$access") "$CHANCERY_URL/api/v2/users/me")
if [[ -n ${RESOURCE:-} ]]; then
    echo "The token is for $RESOURCE; this server's own API says: $(jq --raw-output '.message // .username' <<<"$me")"
else
    echo "The API says the token speaks for: $(jq --raw-output '.username // .' <<<"$me")"
fi

tokens=$(token_request grant_type=refresh_token "refresh_token=$(jq --raw-output .refresh_token <<<"$tokens")")
fresh=$(jq --raw-output '.access_token // empty' <<<"$tokens")
[[ -n $fresh ]] || fail "the refresh was refused: $tokens"
echo "Refreshed: access token ${fresh%%-*}-...; the first one is dead."
