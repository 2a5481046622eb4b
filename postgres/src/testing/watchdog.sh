# Stops the shared test cluster in the current directory when no process has used it for 15 seconds.
command -v flock >/dev/null || exit 0
exec 8>watchdog.lock
flock -n 8 || exit 0
idle=0
while [ -e users.lock ]; do
    sleep 5
    if ! flock -n users.lock true; then
        idle=0
        continue
    fi
    idle=$((idle + 1))
    [ "$idle" -ge 3 ] || continue
    # Nobody can begin to use the cluster while the start lock is held.
    flock -n start.lock flock -n users.lock sh -c '
        pid=$(head -n 1 postgres/postmaster.pid) || exit 0
        [ "$(readlink "/proc/$pid/cwd")" = "$PWD/postgres" ] || exit 0
        kill -INT "$pid"
        # A zombie, which stays where nobody waits for it, has no directory.
        while readlink "/proc/$pid/cwd" >/dev/null; do sleep 0.1; done
    ' && exit 0
    idle=0
done
