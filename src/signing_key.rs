//! The file that holds the private key of checkpoints, and the one beside it that remembers what it signed last.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chancery_ledger::{KeyTextError, LastSigned, SigningKey};

use crate::config::Database;
use crate::randomness::Randomness;

/// Its name in the data directory.
const NAME: &str = "ledger-signing-key.pem";
/// Nobody but the owner.
const MODE: u32 = 0o600;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read or written.
    #[error("the signing key {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It holds no key.
    #[error("the signing key {path}: {source}")]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyTextError,
    },
    /// What is remembered cannot be read: nothing is signed on a guess.
    #[error("what was signed last, {path}: {source}")]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Others may read it.
    #[error(
        "the signing key {path} can be read by others than its owner: chmod 600 it, and rotate it"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
}

/// A signing key's file.
#[derive(Clone, Debug)]
pub struct SigningKeyFile(PathBuf);

impl SigningKeyFile {
    /// The file in a data directory.
    pub fn default_path(data_dir: &Path) -> PathBuf {
        data_dir.join(NAME)
    }

    /// The file that was set, or else the one in the data directory of the server's own PostgreSQL. None for an existing
    /// PostgreSQL without a setting.
    pub fn of(database: &Database, set: Option<&Path>) -> Option<Self> {
        match (set, database) {
            (Some(path), _) => Some(Self(path.to_owned())),
            (None, Database::Embedded { data_dir, .. }) => Some(Self(Self::default_path(data_dir))),
            (None, Database::Url(_)) => None,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads it; makes a new key first when there is none. Of two that do so at once, both get the same key.
    pub fn load_or_create(&self, randomness: Randomness) -> Result<SigningKey, SigningKeyError> {
        if let Some(key) = self.load()? {
            return Ok(key);
        }
        if let Some(dir) = self.0.parent() {
            fs::create_dir_all(dir).map_err(io_error(dir))?;
        }
        let key = SigningKey::from_seed(randomness.bytes());
        let candidate = self.beside(&randomness.alphanumeric(8));
        write_new(&candidate, &key)?;
        // A link fails where the name is taken, so that the first one's key stays.
        let linked = fs::hard_link(&candidate, &self.0);
        fs::remove_file(&candidate).map_err(io_error(&candidate))?;
        match linked {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let missing = || io_error(&self.0)(io::ErrorKind::NotFound.into());
                self.load()?.ok_or_else(missing)
            }
            Err(error) => Err(io_error(&self.0)(error)),
        }
    }

    /// Reads it; None when there is none.
    pub fn load(&self) -> Result<Option<SigningKey>, SigningKeyError> {
        load(&self.0)
    }

    /// Keeps the key that is about to replace this one, beside it.
    pub fn prepare_next(&self, next: &SigningKey) -> Result<(), SigningKeyError> {
        let path = self.next();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(&path)(error));
            }
            _ => {}
        }
        write_new(&path, next)
    }

    /// The key that was about to replace this one, when a rotation was cut off.
    pub fn load_next(&self) -> Result<Option<SigningKey>, SigningKeyError> {
        load(&self.next())
    }

    /// Puts the prepared key in this one's place.
    pub fn adopt_next(&self) -> Result<(), SigningKeyError> {
        fs::rename(self.next(), &self.0).map_err(io_error(&self.0))
    }

    /// Waits until no other process signs with the key; none does while what is returned is kept.
    pub async fn turn(&self) -> Result<fs::File, SigningKeyError> {
        let path = self.0.clone();
        let locking = tokio::task::spawn_blocking(move || {
            let file = fs::File::open(&path)?;
            file.lock()?;
            Ok(file)
        });
        let locked = locking.await.map_err(io::Error::other).flatten();
        locked.map_err(io_error(&self.0))
    }

    /// What was signed last; None when nothing was, or nobody remembers.
    pub fn last_signed(&self) -> Result<Option<LastSigned>, SigningKeyError> {
        let path = self.memory();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(&path)(error)),
        };
        let read = serde_json::from_slice(&text);
        read.map(Some)
            .map_err(|source| SigningKeyError::Memory { path, source })
    }

    /// Remembers what is about to be signed, whatever happens to the machine after this.
    pub fn remember(&self, signed: &LastSigned) -> Result<(), SigningKeyError> {
        let path = self.memory();
        let partial = self.beside("signed.partial");
        let written = || {
            let text = serde_json::to_vec(signed)?;
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(MODE)
                .open(&partial)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&partial, &path)?;
            match path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                Some(dir) => fs::File::open(dir)?.sync_all(),
                None => fs::File::open(".")?.sync_all(),
            }
        };
        written().map_err(io_error(&path))
    }

    fn memory(&self) -> PathBuf {
        self.beside("signed")
    }

    fn next(&self) -> PathBuf {
        self.beside("next")
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(".");
        name.push(suffix);
        name.into()
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SigningKeyError {
    move |source| SigningKeyError::Io {
        path: path.to_owned(),
        source,
    }
}

fn load(path: &Path) -> Result<Option<SigningKey>, SigningKeyError> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(path)(error)),
    };
    let mode = file.metadata().map_err(io_error(path))?.mode();
    if mode & 0o077 != 0 {
        return Err(SigningKeyError::Exposed {
            path: path.to_owned(),
        });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io_error(path))?;
    let key = SigningKey::from_pem(&text).map_err(|source| SigningKeyError::Text {
        path: path.to_owned(),
        source,
    })?;
    Ok(Some(key))
}

fn write_new(path: &Path, key: &SigningKey) -> Result<(), SigningKeyError> {
    let pem = key.to_pem().map_err(|source| SigningKeyError::Text {
        path: path.to_owned(),
        source,
    })?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path)
        .and_then(|mut file| {
            file.write_all(pem.as_bytes())?;
            file.sync_all()
        });
    written.map_err(io_error(path))
}

#[cfg(test)]
mod tests;
