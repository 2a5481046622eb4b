//! Which operating system user runs PostgreSQL: root may not.

use std::{
    io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::StartError;

/// Users that PostgreSQL runs as when the program runs as root, in order of preference.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Variables of a client or another server that would change what our server does.
const FOREIGN_VARIABLES: [&str; 5] = ["PGDATA", "PGPORT", "PGOPTIONS", "PGHOST", "PGDATABASE"];

/// The user that runs PostgreSQL's binaries and owns its files.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// This process's own user, who is not root.
    Own,
    /// Another user, as this process is root.
    Other { name: String, uid: u32, gid: u32 },
}

impl Identity {
    /// Decides who runs the cluster in `cluster`: the owner of the data when there is data, so that a program started
    /// as root and one started by that user get along.
    pub(crate) async fn choose(cluster: &Path) -> Result<Self, StartError> {
        let own = rustix::process::geteuid().as_raw();
        let owner = cluster.metadata().ok().map(|m| (m.uid(), m.gid()));
        if own != 0 {
            return match owner {
                Some((owner, _)) if owner != own => Err(StartError::ForeignOwner {
                    path: cluster.to_owned(),
                    owner,
                    own,
                }),
                _ => Ok(Self::Own),
            };
        }
        if let Some((uid, gid)) = owner
            && uid != 0
        {
            return Ok(Self::Other {
                name: format!("#{uid}"),
                uid,
                gid,
            });
        }
        for name in UNPRIVILEGED {
            if let (Some(uid), Some(gid)) = (id("-u", name).await, id("-g", name).await)
                && uid != 0
            {
                return Ok(Self::Other {
                    name: name.to_owned(),
                    uid,
                    gid,
                });
            }
        }
        Err(StartError::NoUnprivilegedUser)
    }

    /// A command that runs `program` as this user, in `dir`, in a process group of its own: a Ctrl-C at the terminal
    /// is for us, who then stop PostgreSQL in order.
    pub(crate) fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(dir)
            .stdin(Stdio::null())
            .process_group(0);
        command.env("LC_ALL", "C");
        for variable in FOREIGN_VARIABLES {
            command.env_remove(variable);
        }
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Name of the user for messages.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own => "this user",
            Self::Other { name, .. } => name,
        }
    }

    /// Gives `path` to this user.
    pub(crate) fn give(&self, path: &Path) -> Result<(), StartError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => chown(path, Some(*uid), Some(*gid))
                .map_err(StartError::io("change the owner of", path)),
        }
    }

    /// Gives `dir` and everything in it to this user. Symbolic links are not followed.
    pub(crate) fn give_tree(&self, dir: &Path) -> Result<(), StartError> {
        self.give(dir)?;
        let read = StartError::io("read", dir);
        for entry in dir
            .read_dir()
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(read)?
        {
            let path = entry.path();
            let kind = entry.file_type().map_err(StartError::io("read", &path))?;
            if kind.is_dir() {
                self.give_tree(&path)?;
            } else if !kind.is_symlink() {
                self.give(&path)?;
            }
        }
        Ok(())
    }

    /// Whether this user owns `path`.
    pub(crate) fn owns(&self, path: &Path) -> bool {
        let uid = match self {
            Self::Own => rustix::process::geteuid().as_raw(),
            Self::Other { uid, .. } => *uid,
        };
        path.metadata().is_ok_and(|m| m.uid() == uid)
    }

    /// Checks that this user can run `program` and enter `dir`, by doing both: modes alone do not tell (access lists,
    /// mount options, security modules).
    pub(crate) async fn check_access(&self, program: &Path, dir: &Path) -> Result<(), StartError> {
        let run = |dir: PathBuf| async move {
            self.command(program, &dir)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .await
        };
        run(PathBuf::from("/"))
            .await
            .map_err(|source| StartError::Run {
                program: program.to_owned(),
                user: self.name().to_owned(),
                source,
            })?;
        run(dir.to_owned())
            .await
            .map(drop)
            .map_err(|_| StartError::Unreachable {
                path: dir.to_owned(),
                closed: first_closed(dir),
                user: self.name().to_owned(),
            })
    }
}

/// The topmost directory on the way to `dir` that others may not pass, or `dir` when the modes do not show it.
fn first_closed(dir: &Path) -> PathBuf {
    let mut way: Vec<&Path> = dir.ancestors().collect();
    way.reverse();
    way.into_iter()
        .find(|d| {
            d.metadata()
                .is_ok_and(|m| m.permissions().mode() & 0o001 == 0)
        })
        .unwrap_or(dir)
        .to_owned()
}

/// A user's numeric id through `id`, which knows every user database of the system.
async fn id(flag: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([flag, user]).output().await.ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
