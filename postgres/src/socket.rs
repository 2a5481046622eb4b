//! Where the private socket lies.

use std::{
    env, fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use crate::{StartError, identity::Identity};

/// The port names the socket file; the directory is private, so it never collides.
pub(crate) const PORT: u16 = 5432;

/// Longest path of a socket in bytes, without the closing NUL: Linux has 108 bytes for it, macOS and the BSDs 104.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Path of the socket in `dir`.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

/// The socket's directory of `data_dir`, made when absent, mode 0700, owned by `identity`. It is the same at every
/// start, as connection pools keep it.
pub(crate) fn directory(data_dir: &Path, identity: &Identity) -> Result<PathBuf, StartError> {
    let near = data_dir.join("socket");
    if fits(&near) {
        return make(&near, identity).map(|()| near);
    }
    // Two lines: where the sockets are, and for which data, so that a copied data directory gets its own.
    let record = data_dir.join("socket.path");
    if let Ok(text) = fs::read_to_string(&record)
        && let Some((far, owner)) = text.trim_end().split_once('\n')
        && Path::new(owner) == data_dir
        && make(Path::new(far), identity).is_ok()
    {
        return Ok(far.into());
    }
    let far = make_elsewhere(identity)?;
    fs::write(
        &record,
        format!("{}\n{}\n", far.display(), data_dir.display()),
    )
    .map_err(StartError::io("write", &record))?;
    Ok(far)
}

fn fits(dir: &Path) -> bool {
    file(dir).as_os_str().as_bytes().len() <= LONGEST
}

fn make(dir: &Path, identity: &Identity) -> Result<(), StartError> {
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        result => result.map_err(StartError::io("create", dir))?,
    }
    // In a directory that everyone may write to, what lies there may be anyone's: a link, or a directory left open.
    let found = fs::symlink_metadata(dir).map_err(StartError::io("read", dir))?;
    if !found.is_dir() {
        return Err(StartError::io("use", dir)(
            std::io::ErrorKind::NotADirectory.into(),
        ));
    }
    if found.uid() == rustix::process::geteuid().as_raw() {
        identity.give(dir)?;
    }
    if !identity.owns(dir) {
        return Err(StartError::io("use", dir)(
            std::io::ErrorKind::PermissionDenied.into(),
        ));
    }
    fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .map_err(StartError::io("set the mode of", dir))
}

/// A new directory with a short path that nobody else can have made.
fn make_elsewhere(identity: &Identity) -> Result<PathBuf, StartError> {
    let runtime = matches!(identity, Identity::Own)
        .then(|| env::var_os("XDG_RUNTIME_DIR"))
        .flatten()
        .map(PathBuf::from)
        .filter(|dir| {
            dir.is_absolute() && dir.is_dir() && fits(&dir.join("chancery-4294967295-99"))
        });
    let parent = runtime.unwrap_or_else(|| PathBuf::from("/tmp"));
    for attempt in 0..100 {
        let dir = parent.join(format!("chancery-{}-{attempt}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => return make(&dir, identity).map(|()| dir),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(StartError::io("create", dir)(e)),
        }
    }
    Err(StartError::io("create a socket directory in", parent)(
        std::io::ErrorKind::AlreadyExists.into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_exactly_the_limit_is_used_and_one_byte_more_is_not() {
        let name = "/.s.PGSQL.5432".len();
        let dir = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        assert!(fits(&dir(LONGEST - name)));
        assert!(!fits(&dir(LONGEST - name + 1)));
    }
}
