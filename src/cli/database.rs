//! Which database: the same flags for every command.

use std::path::PathBuf;

use clap::Args;

use crate::config::Database;
use crate::secret::Secret;
use crate::signing_key::SigningKeyFile;

/// Flags that choose the database.
#[derive(Debug, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArguments {
    /// Directory of the data: the server's own PostgreSQL, and the signing key [default: /var/lib/chancery for root, else
    /// ~/.local/state/chancery]
    #[arg(long, env = "CHANCERY_DATA_DIR", value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,

    /// Use this PostgreSQL (14 or newer) and run none: `postgres://user:password@host/database`
    #[arg(
        long,
        env = "CHANCERY_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    database_url: Option<Secret>,

    /// Directory of the PostgreSQL server programs [default: searched for]
    #[arg(
        long,
        env = "CHANCERY_POSTGRES_BIN_DIR",
        value_name = "DIR",
        global = true
    )]
    postgres_bin_dir: Option<PathBuf>,
}

impl DatabaseArguments {
    /// The file of the signing key: the one that was set, or else in the data directory, whichever database it is.
    pub fn signing_key_file(&self, set: Option<PathBuf>) -> Option<PathBuf> {
        let data_dir = self.data_dir.clone();
        set.or_else(|| {
            let data_dir = data_dir.or_else(|| chancery_postgres::default_data_dir().ok())?;
            Some(SigningKeyFile::default_path(&data_dir))
        })
    }

    /// The database chosen.
    pub fn database(self) -> anyhow::Result<Database> {
        if let Some(url) = self.database_url {
            return Ok(Database::Url(url));
        }
        let data_dir = match self.data_dir {
            Some(data_dir) => data_dir,
            None => chancery_postgres::default_data_dir()?,
        };
        Ok(Database::Embedded {
            data_dir,
            bin_dir: self.postgres_bin_dir,
        })
    }
}
