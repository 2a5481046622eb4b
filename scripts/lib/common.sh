# shellcheck shell=bash
# What every script of this repository shares. Source it after `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# cargo runs in $root, so a relative target directory is relative to it.
target=${CARGO_TARGET_DIR:-target}
[[ $target == /* ]] || target=$root/$target

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Prints the comment at the top of the calling script.
usage() {
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}

# Version $1 is $2 or newer.
at_least() {
    [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# Makes sure that a new enough cargo is there.
need_cargo() {
    if ! has cargo && [[ -x ${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo ]]; then
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    fi
    local minimum found
    minimum=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    has cargo || fail "cargo is missing: install Rust $minimum or newer, for example with the installer from https://rustup.rs"
    # In $root, where a toolchain file or an override decides.
    found=$(cd "$root" && cargo --version | cut -d ' ' -f 2)
    at_least "$found" "$minimum" || fail "Rust $minimum or newer is needed and $found is installed: run \`rustup update stable\`, or get it from https://rustup.rs"
}
