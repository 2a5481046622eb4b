#!/usr/bin/env bash
# Makes a PKCE pair (RFC 7636, method S256) and prints it for eval:
#
#     eval "$(scripts/oauth2/generate-pkce.sh)"
#
# usage: generate-pkce.sh [VERIFIER]
#     VERIFIER   43 to 128 of A-Z a-z 0-9 - . _ ~   (default: a random one)
set -euo pipefail
# shellcheck source=scripts/oauth2/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

case ${1:-} in
    -h | --help) usage 0 ;;
esac
verifier=${1:-$(random_text)}
[[ $verifier =~ ^[A-Za-z0-9._~-]{43,128}$ ]] || fail 'a verifier is 43 to 128 characters of A-Z a-z 0-9 - . _ ~'
printf 'export CODE_VERIFIER=%q\n' "$verifier"
printf 'export CODE_CHALLENGE=%q\n' "$(challenge_of "$verifier")"
