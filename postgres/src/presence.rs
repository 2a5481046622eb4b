//! Whether PostgreSQL's main process is there, by its file `postmaster.pid`.

use std::{fs, io::ErrorKind, os::unix::net::UnixStream};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::{StartError, StopError, cluster::Cluster, socket};

/// Process id of the postmaster, when one runs on this cluster.
pub(crate) fn running(cluster: &Cluster) -> Result<Option<i32>, StartError> {
    let Some(pid) = recorded(cluster)?.map(|(pid, _)| pid) else {
        return Ok(None);
    };
    let answers = || UnixStream::connect(socket::file(cluster.socket_dir())).is_ok();
    let here = || fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|dir| dir == cluster.data());
    Ok((alive(pid) && (answers() || here())).then_some(pid))
}

/// Content of `postmaster.pid`: the process, and the other lines.
fn recorded(cluster: &Cluster) -> Result<Option<(i32, String)>, StartError> {
    let file = cluster.data().join("postmaster.pid");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StartError::io("read", file)(e)),
    };
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let pid = first.trim().parse().ok().filter(|pid| *pid > 0);
    Ok(pid.map(|pid| (pid, rest.to_owned())))
}

/// After a crash of the machine the recorded number may be another program's, and PostgreSQL would refuse to start for
/// fear of it. It takes the number of its own parent, who is us, for stale; the other lines, by which it looks for
/// backends that are still there, stay.
pub(crate) fn disown_foreign_process(cluster: &Cluster) -> Result<(), StartError> {
    let Some((pid, rest)) = recorded(cluster)? else {
        return Ok(());
    };
    // Only where the system shows that it is another program.
    if fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|dir| dir != cluster.data()) {
        tracing::warn!(
            pid,
            "postmaster.pid is from before a crash, its process is another program by now"
        );
        let file = cluster.data().join("postmaster.pid");
        fs::write(&file, format!("{}\n{rest}", std::process::id()))
            .map_err(StartError::io("write", file))?;
    }
    Ok(())
}

/// Whether the process exists and has not ended.
pub(crate) fn alive(pid: i32) -> bool {
    let Some(pid) = Pid::from_raw(pid) else {
        return false;
    };
    match test_kill_process(pid) {
        Ok(()) | Err(rustix::io::Errno::PERM) => {}
        Err(_) => return false,
    }
    // A process that ended stays in the table until its parent asks, and not every container's first process asks.
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    !stat.is_ok_and(|stat| {
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| rest.starts_with(" Z"))
    })
}

/// Sends `signal` to process `pid`.
pub(crate) fn signal(pid: i32, signal: Signal) -> Result<(), StopError> {
    let Some(process) = Pid::from_raw(pid) else {
        return Ok(());
    };
    match kill_process(process, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(e) => Err(StopError::Signal {
            pid,
            source: e.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_that_ended_and_that_nobody_asked_about_is_not_alive() {
        let mut program = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = i32::try_from(program.id()).unwrap();
        assert!(alive(pid));
        signal(pid, Signal::KILL).unwrap();
        // A zombie has no directory.
        while fs::read_link(format!("/proc/{pid}/cwd")).is_ok() {
            std::thread::yield_now();
        }
        assert!(fs::exists(format!("/proc/{pid}/stat")).unwrap());
        assert!(!alive(pid));
        program.wait().unwrap();
    }
}
