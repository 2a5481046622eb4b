# shellcheck shell=bash
# System packages. Each need_* function adds to the list what is missing; install_packages installs the list.

packages=()

need_command() {
    local command=$1
    shift
    has "$command" || packages+=("$@")
}

need_c_toolchain() {
    need_command cc gcc libc6-dev
}

need_certificates() {
    [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/pki/tls/certs/ca-bundle.crt || -e /etc/ssl/cert.pem ]] ||
        packages+=(ca-certificates)
}

# The same places as the program's own search (postgres/src/binaries.rs).
need_postgresql() {
    has postgres && return
    [[ -n ${CHANCERY_POSTGRES_BIN_DIR:-} ]] && return
    local found
    for found in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/libexec/postgresql*/postgres \
        /usr/local/pgsql/bin/postgres /opt/homebrew/opt/postgresql@*/bin/postgres /usr/local/opt/postgresql@*/bin/postgres \
        /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin/postgres /Library/PostgreSQL/*/bin/postgres; do
        [[ -x $found ]] && return
    done
    packages+=(postgresql)
}

need_chromium() {
    [[ -n ${CHROMIUM:-} ]] && return
    need_command chromium chromium chromium-sandbox fonts-liberation
}

need_python_venv() {
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || packages+=(python3 python3-venv)
}

# While this file is there, the server's package does not make and start a cluster of its own, which nothing here would use.
no_cluster=/etc/postgresql-common/createcluster.d/chancery.conf
without_cluster="mkdir -p ${no_cluster%/*} && echo 'create_main_cluster = false' >$no_cluster"

# Installs what is on the list; does nothing, and asks for nothing, when the list is empty. What apt says is shown when it fails.
install_packages() {
    ((${#packages[@]})) || return 0
    local install=(apt-get install --yes --no-install-recommends "${packages[@]}") as_root=() said
    has apt-get || fail "install what is missing with your system's package manager (the names are Debian's): ${packages[*]}"
    if ((EUID != 0)); then
        has sudo || fail "missing, and there is no sudo; run as root: apt-get update && ${install[*]}"
        as_root=(sudo)
    fi
    say "installing: ${packages[*]}"
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    said=$(mktemp)
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 -qq update >"$said" 2>&1 ||
        say "the package lists could not be refreshed; going on with those that are there"
    local failed='' postgresql=''
    [[ " ${packages[*]} " != *" postgresql "* ]] || postgresql=yes
    [[ -z $postgresql ]] || "${as_root[@]}" bash -c "$without_cluster"
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 -qq "${install[@]:1}" >"$said" 2>&1 || failed=yes
    [[ -z $postgresql ]] || "${as_root[@]}" rm -f "$no_cluster"
    [[ -z $failed ]] || cat "$said" >&2
    rm -f "$said"
    [[ -z $failed ]] || fail "not installed: ${packages[*]}"
    packages=()
}
