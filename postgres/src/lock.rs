//! File locks between the processes that share a data directory. The kernel frees them when a process dies.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    path::{Path, PathBuf},
};

use crate::StartError;

/// The two locks of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Locks {
    start: PathBuf,
    users: PathBuf,
}

impl Locks {
    /// Locks of `data_dir`; the files are made when first needed.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            start: data_dir.join("start.lock"),
            users: data_dir.join("users.lock"),
        }
    }

    /// Removes the files.
    pub(crate) fn remove(&self) {
        for path in [&self.start, &self.users] {
            if let Err(error) = fs::remove_file(path) {
                tracing::debug!(%error, path = %path.display(), "a lock's file stays");
            }
        }
    }

    /// Waits until this process alone may make, start or stop the cluster; holds that until the file is dropped.
    pub(crate) async fn start(&self) -> Result<File, StartError> {
        let path = self.start.clone();
        match open(&path)?.try_lock() {
            Err(TryLockError::WouldBlock) => {
                tracing::info!(lock = %path.display(), "another process starts or stops PostgreSQL, waiting for it");
            }
            Err(TryLockError::Error(source)) => return Err(StartError::io("lock", path)(source)),
            Ok(()) => {}
        }
        wait(path, File::lock).await
    }

    /// Marks this process as a user of the cluster until the file is dropped. Call under the start lock.
    pub(crate) async fn join(&self) -> Result<File, StartError> {
        wait(self.users.clone(), File::lock_shared).await
    }

    /// Takes back [`Locks::join`]. Closing the file is not enough: a process that is being spawned at this moment has a
    /// copy of it.
    pub(crate) fn leave(&self, joined: &File) -> Result<(), StartError> {
        joined
            .unlock()
            .map_err(StartError::io("unlock", &self.users))
    }

    /// Whether no process uses the cluster; while the returned file is held, none can begin to. Call under the start
    /// lock.
    pub(crate) fn unused(&self) -> Result<Option<File>, StartError> {
        let file = open(&self.users)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(StartError::io("lock", &self.users)(source)),
        }
    }
}

async fn wait(path: PathBuf, lock: fn(&File) -> std::io::Result<()>) -> Result<File, StartError> {
    let file = open(&path)?;
    let locked = tokio::task::spawn_blocking(move || lock(&file).map(|()| file)).await;
    locked
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(StartError::io("lock", path))
}

fn open(path: &Path) -> Result<File, StartError> {
    // A lock needs no right to write; the file may be another user's when root and a user share the directory.
    if let Ok(file) = File::open(path) {
        return Ok(file);
    }
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o644)
        .open(path)
        .map_err(StartError::io("create", path))?;
    give_to_owner_of_parent(path)?;
    Ok(file)
}

/// What root makes in a user's data directory is that user's.
fn give_to_owner_of_parent(path: &Path) -> Result<(), StartError> {
    let owner = path.parent().and_then(|dir| dir.metadata().ok());
    if let Some(owner) = owner
        && rustix::process::geteuid().is_root()
        && owner.uid() != 0
    {
        chown(path, Some(owner.uid()), Some(owner.gid()))
            .map_err(StartError::io("change the owner of", path))?;
    }
    Ok(())
}
