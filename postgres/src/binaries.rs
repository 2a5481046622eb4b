//! Finds PostgreSQL's server binaries.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::StartError;

/// Oldest major version the program works with.
const MINIMUM: u32 = 14;

/// Directories whose sub-directories are named by version, and where in them the binaries are.
const VERSIONED: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
];

/// Directories of installations that are not named by version.
const PLAIN: &[&str] = &[
    "/usr/local/pgsql/bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/usr/bin",
];

/// Package managers and the command with which each installs the server.
const INSTALL: &[(&str, &str)] = &[
    ("apt-get", "apt-get install postgresql"),
    ("dnf", "dnf install postgresql-server"),
    ("yum", "yum install postgresql-server"),
    ("zypper", "zypper install postgresql-server"),
    ("pacman", "pacman -S postgresql"),
    ("apk", "apk add postgresql"),
    ("brew", "brew install postgresql@17"),
];

/// Server binaries of one version.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the binaries: in `explicit` when given and nowhere else, otherwise in PATH and the usual package
    /// locations. Takes the version that made the data when there is data (`made_by`: its major version and
    /// directory), otherwise the first in PATH, otherwise the newest.
    pub(crate) fn find(
        explicit: Option<&Path>,
        made_by: Option<(u32, &Path)>,
    ) -> Result<Self, StartError> {
        let found = match explicit {
            Some(dir) => vec![
                Self::examine(dir).map_err(|reason| StartError::NotBinaries {
                    dir: dir.to_owned(),
                    reason,
                    install: install_command(),
                })?,
            ],
            None => installed(),
        };
        choose(found, made_by)
    }

    /// Path of the server.
    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    /// Path of the program that makes a cluster.
    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    /// Major version.
    pub(crate) fn major(&self) -> u32 {
        self.major
    }

    fn examine(dir: &Path) -> Result<Self, String> {
        // A link in PATH (/usr/local/bin/postgres) leads to a directory that also has initdb.
        let postgres = dir
            .join("postgres")
            .canonicalize()
            .map_err(|e| format!("postgres: {e}"))?;
        let dir = postgres.parent().unwrap_or(dir).to_owned();
        if !dir.join("initdb").is_file() {
            return Err(format!("there is no initdb in {}", dir.display()));
        }
        let output = Command::new(&postgres)
            .arg("--version")
            .stdin(Stdio::null())
            .current_dir("/")
            .output()
            .map_err(|e| format!("postgres --version: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_version(&text).ok_or_else(|| {
            format!(
                "postgres --version printed {:?}, not a version",
                text.trim()
            )
        })?;
        if major < MINIMUM {
            return Err(format!(
                "it is PostgreSQL {major}, and {MINIMUM} is the oldest supported"
            ));
        }
        Ok(Self { dir, major })
    }
}

/// The first of `found`, or the first of the version that made the data.
fn choose(found: Vec<Binaries>, made_by: Option<(u32, &Path)>) -> Result<Binaries, StartError> {
    let versions: Vec<String> = found.iter().map(|b| b.major.to_string()).collect();
    let chosen = found
        .into_iter()
        .find(|b| made_by.is_none_or(|(major, _)| b.major == major));
    chosen.ok_or_else(|| match made_by {
        Some((made_by, cluster)) if !versions.is_empty() => StartError::VersionMismatch {
            cluster: cluster.to_owned(),
            made_by,
            found: versions.join(", "),
        },
        _ => StartError::NoBinaries {
            minimum: MINIMUM,
            install: install_command(),
        },
    })
}

/// Command that installs the server on this system, by the package manager that is there.
fn install_command() -> &'static str {
    let path: Vec<PathBuf> = env::var_os("PATH")
        .map(|p| env::split_paths(&p).collect())
        .unwrap_or_default();
    let has = |program: &str| {
        path.iter().any(|dir| dir.join(program).is_file())
            || Path::new("/usr/bin").join(program).is_file()
    };
    INSTALL
        .iter()
        .find(|(manager, _)| has(manager))
        .map_or("apt-get install postgresql", |(_, command)| command)
}

/// Every usable installation: those in PATH in its order, then the others, newest first.
fn installed() -> Vec<Binaries> {
    let path = env::var_os("PATH");
    let mut found: Vec<Binaries> = path
        .iter()
        .flat_map(env::split_paths)
        .filter_map(|dir| Binaries::examine(&dir).ok())
        .collect();
    let mut elsewhere: Vec<Binaries> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix, bin)| versioned(Path::new(parent), prefix, bin))
        .chain(PLAIN.iter().map(PathBuf::from))
        .filter_map(|dir| Binaries::examine(&dir).ok())
        .collect();
    elsewhere.sort_by_key(|b| std::cmp::Reverse(b.major));
    found.append(&mut elsewhere);
    found
}

fn versioned(parent: &Path, prefix: &str, bin: &str) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .and_then(|name| name.strip_prefix(prefix))
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .map(|entry| entry.path().join(bin))
        .collect()
}

/// Major version in the output of `postgres --version`, such as `postgres (PostgreSQL) 15.13 (Debian 15.13-0)`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL)")?.1.trim_start();
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Binaries, StartError, choose, major_version};

    fn binaries(major: u32) -> Binaries {
        Binaries {
            dir: format!("/{major}").into(),
            major,
        }
    }

    #[test]
    fn without_binaries_the_error_names_an_install_command() {
        for made_by in [None, Some((15, Path::new("/data")))] {
            let error = choose(Vec::new(), made_by).unwrap_err();
            assert!(matches!(error, StartError::NoBinaries { .. }), "{error}");
            let text = error.to_string();
            assert!(
                text.contains(" postgresql") && text.contains("install"),
                "{text}"
            );
        }
    }

    #[test]
    fn data_is_opened_with_the_version_that_made_it_and_with_no_other() {
        let found = vec![binaries(17), binaries(15)];
        let data = Path::new("/data");
        assert_eq!(choose(found.clone(), None).unwrap().major, 17);
        assert_eq!(choose(found.clone(), Some((15, data))).unwrap().major, 15);
        let error = choose(found, Some((16, data))).unwrap_err();
        assert!(
            matches!(error, StartError::VersionMismatch { made_by: 16, .. }),
            "{error}"
        );
    }

    #[test]
    fn the_major_version_is_read_from_every_packagers_format() {
        for (text, major) in [
            (
                "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17.5\n", Some(17)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) 19devel", Some(19)),
            ("bash: postgres: not found", None),
        ] {
            assert_eq!(major_version(text), major, "{text}");
        }
    }
}
