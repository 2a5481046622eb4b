# shellcheck shell=bash disable=SC2154 # root and target come from common.sh
# cargo-deny, which checks licences, sources and advisories of everything the program is built from (deny.toml).

cargo_deny_pinned=0.20.2

# Puts the pinned cargo-deny first in PATH; built once into the target directory.
use_cargo_deny() {
    local dir=$target/tools
    PATH=$dir/bin:$PATH
    [[ $(cargo deny --version 2>/dev/null) == "cargo-deny $cargo_deny_pinned" ]] && return
    say "building cargo-deny $cargo_deny_pinned into $dir"
    CARGO_TARGET_DIR=$dir/build cargo install --quiet --locked --no-default-features --root "$dir" \
        --version "$cargo_deny_pinned" cargo-deny
    rm -rf "$dir/build"
}

# Checks everything that can be checked here. The advisories' database is a repository that not every network reaches.
check_dependencies() {
    if GIT_TERMINAL_PROMPT=0 cargo deny --locked fetch db >/dev/null 2>&1; then
        cargo deny --locked check
    else
        say "the advisories' database cannot be fetched here: licences, bans and sources are checked, advisories are NOT"
        cargo deny --locked check licenses bans sources
    fi
}
