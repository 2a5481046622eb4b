//! Temporary data directories.

use std::{
    env, fs,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use crate::presence;

static DIRECTORIES: AtomicU32 = AtomicU32::new(0);

/// An empty directory for a cluster or a server's data, which the user that runs PostgreSQL can reach. When dropped,
/// a PostgreSQL that still runs in it is killed and everything is removed.
#[derive(Debug)]
pub struct DataDir(PathBuf);

/// Makes a [`DataDir`].
///
/// # Panics
/// When the temporary directory cannot be written to.
pub fn data_dir() -> DataDir {
    loop {
        let number = DIRECTORIES.fetch_add(1, Ordering::Relaxed);
        let path = temporary().join(format!("chancery-test-{}-{number}", std::process::id()));
        match fs::DirBuilder::new().mode(0o711).create(&path) {
            Ok(()) => return DataDir(path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => panic!("no test directory {}: {e}", path.display()),
        }
    }
}

impl DataDir {
    /// Path of the directory.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        kill_postmaster(&self.0.join("postgres"));
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, dir = %self.0.display(), "cannot remove a test directory");
        }
    }
}

/// A directory for temporary files; root's own may be closed to the user that runs PostgreSQL.
pub(super) fn temporary() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        "/tmp".into()
    } else {
        env::temp_dir()
    }
}

/// Ends the PostgreSQL that runs on `data`, without care for the data, and waits until it is gone.
pub(super) fn kill_postmaster(data: &Path) {
    let Some(pid) = fs::read_to_string(data.join("postmaster.pid"))
        .ok()
        .and_then(|text| text.lines().next()?.trim().parse().ok())
    else {
        return;
    };
    // The file may be from before a crash, and the number another program's by now.
    let elsewhere = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|dir| dir != data);
    if elsewhere || presence::signal(pid, Signal::QUIT).is_err() {
        return;
    }
    for _ in 0..1000 {
        if !presence::alive(pid) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    tracing::warn!(pid, "a test's PostgreSQL does not end");
}
