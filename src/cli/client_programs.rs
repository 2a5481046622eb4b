//! PostgreSQL's own programs for clients (`pg_dump`, `pg_restore`, `psql`), connected to the database that the other commands use.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use percent_encoding::percent_decode_str;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;
use url::Url;

use crate::cli::failure::Failure;

/// What these programs read of a connection, by the names that `PgConnectOptions` has in its URL.
const FROM_QUERY: [(&str, &str); 4] = [
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
];

/// The programs of one database.
pub struct ClientPrograms {
    bin_dir: Option<PathBuf>,
    environment: BTreeMap<&'static str, String>,
}

impl ClientPrograms {
    /// Those in `bin_dir`, else those that are found in `PATH`. What they need to connect is in their environment, where other
    /// users of the machine do not see it.
    pub fn new(options: &PgConnectOptions, bin_dir: Option<PathBuf>) -> Self {
        Self {
            bin_dir,
            environment: environment(options),
        }
    }

    /// Name of the database, which `pg_restore` wants to be told.
    pub fn database(&self) -> &str {
        self.environment
            .get("PGDATABASE")
            .map_or("", String::as_str)
    }

    /// A command that runs one of them.
    pub fn command(&self, program: &str) -> Command {
        let path = self
            .bin_dir
            .as_deref()
            .map_or_else(|| PathBuf::from(program), |dir| dir.join(program));
        let mut command = Command::new(path);
        command.envs(&self.environment).kill_on_drop(true);
        command
    }

    /// Runs one of them to its end. What it complains of is the failure.
    pub async fn run(&self, program: &str, arguments: &[&str], file: &Path) -> Result<(), Failure> {
        let output = self
            .command(program)
            .args(arguments)
            .arg(file)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| not_run(program, &error))?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        let complaint: Vec<&str> = complaint.lines().map(str::trim).collect();
        Err(Failure::Other(complaint.join("; ")))
    }
}

/// Why a program could not be run, and what to do.
pub fn not_run(program: &str, error: &std::io::Error) -> Failure {
    Failure::Other(if error.kind() == ErrorKind::NotFound {
        format!(
            "{program} is missing: install PostgreSQL's client programs (on Debian: postgresql-client)"
        )
    } else {
        format!("{program} cannot be run: {error}")
    })
}

fn environment(options: &PgConnectOptions) -> BTreeMap<&'static str, String> {
    let host = options.get_socket().map_or_else(
        || options.get_host().to_owned(),
        |dir| dir.display().to_string(),
    );
    let database = options.get_database().unwrap_or(options.get_username());
    let mut environment = BTreeMap::from([
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", database.to_owned()),
        ("PGAPPNAME", "chancery".to_owned()),
    ]);
    // The rest is not to be had but in the URL.
    let url = options.to_url_lossy();
    if let Some(password) = password(&url) {
        environment.insert("PGPASSWORD", password);
    }
    for (name, value) in url.query_pairs() {
        if let Some((_, variable)) = FROM_QUERY.iter().find(|(known, _)| *known == name) {
            environment.insert(variable, value.into_owned());
        }
    }
    environment
}

fn password(url: &Url) -> Option<String> {
    let password = percent_decode_str(url.password()?).decode_utf8().ok()?;
    Some(password.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> BTreeMap<&'static str, String> {
        environment(&url.parse().unwrap())
    }

    #[test]
    fn a_url_becomes_the_environment_of_libpq() {
        let environment =
            of("postgres://ada:p%40ss%2Fword@db.example.com:6543/rolls?sslmode=verify-full");
        let expected = [
            ("PGHOST", "db.example.com"),
            ("PGPORT", "6543"),
            ("PGUSER", "ada"),
            ("PGPASSWORD", "p@ss/word"),
            ("PGDATABASE", "rolls"),
            ("PGSSLMODE", "verify-full"),
        ];
        for (name, value) in expected {
            assert_eq!(environment[name], value, "{name}");
        }
    }

    #[test]
    fn a_socket_is_a_host_and_no_password_is_none() {
        let environment = of("postgres://chancery@%2Frun%2Fchancery/chancery");
        assert_eq!(environment["PGHOST"], "/run/chancery");
        assert!(!environment.contains_key("PGPASSWORD"));
    }
}
