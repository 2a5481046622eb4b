//! Settings that are neither flags nor environment variables: those of a file, and secrets in files of their own.
//!
//! Each is put into the arguments before they are parsed, as the flag it is, where neither a flag nor the environment says
//! otherwise. Nobody but this process sees that.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};

/// Where settings are read from when no file is named, if it is there and may be read.
const USUAL_FILE: &str = "/etc/chancery/chancery.env";
/// Names the file; empty: none.
const FILE_VARIABLE: &str = "CHANCERY_CONFIG";
const FILE_FLAG: &str = "--config";
/// Where a variable with this suffix names a file, the setting is what the file holds.
const IN_FILE: &str = "_FILE";

/// A setting, and where it was found, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its value.
    pub value: String,
    /// Where it is from.
    pub place: String,
}

/// Why settings cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A line is no setting.
    #[error("{}:{line}: expected NAME=VALUE", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// There is no setting of that name.
    #[error("{}:{line}: there is no setting {name}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The name.
        name: String,
    },
}

/// The program's arguments, with what files set among them.
pub fn arguments(command: &Command, given: Vec<OsString>) -> Result<Vec<OsString>, SettingsError> {
    let file = named_file(&given);
    arguments_with(command, given, file)
}

/// As [`arguments`], with a file that was named elsewhere.
pub fn arguments_with(
    command: &Command,
    given: Vec<OsString>,
    file: Option<PathBuf>,
) -> Result<Vec<OsString>, SettingsError> {
    let variable = |name: &str| std::env::var(name).ok();
    let file = file.or_else(|| variable(FILE_VARIABLE).map(PathBuf::from));
    let found = read(command, file.as_deref(), &variable)?;
    Ok(with(command, given, &found))
}

/// What files set: the settings' file, and files that variables name. The environment itself is left out.
fn read(
    command: &Command,
    file: Option<&Path>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Found>, SettingsError> {
    let known = names(command);
    let mut lines = match file {
        Some(path) if path.as_os_str().is_empty() => BTreeMap::new(),
        Some(path) => of_file(path, &known)?,
        None => match of_file(Path::new(USUAL_FILE), &known) {
            Err(SettingsError::Read { source, .. })
                if matches!(
                    source.kind(),
                    ErrorKind::NotFound | ErrorKind::PermissionDenied
                ) =>
            {
                BTreeMap::new()
            }
            read => read?,
        },
    };
    for name in &known {
        let in_file = format!("{name}{IN_FILE}");
        if known.contains(&in_file) {
            continue;
        }
        let path = variable(&in_file).or_else(|| Some(lines.remove(&in_file)?.value));
        if let Some(path) = path {
            let path = PathBuf::from(path);
            let value = fs::read_to_string(&path).map_err(|source| SettingsError::Read {
                path: path.clone(),
                source,
            })?;
            let value = value.trim_end_matches(['\r', '\n']).to_owned();
            let place = path.display().to_string();
            lines.insert(name.clone(), Found { value, place });
        }
    }
    lines.retain(|name, _| variable(name).is_none());
    Ok(lines)
}

/// The settings of a file of lines `NAME=VALUE`, as systemd reads them: comments begin with `#`, values may be quoted.
fn of_file(
    path: &Path,
    known: &BTreeSet<String>,
) -> Result<BTreeMap<String, Found>, SettingsError> {
    let text = fs::read_to_string(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut settings = BTreeMap::new();
    for (index, text) in text.lines().enumerate() {
        let (path, line, text) = (path.to_owned(), index + 1, text.trim());
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        let Some((name, value)) = text.split_once('=') else {
            return Err(SettingsError::Syntax { path, line });
        };
        let name = name.trim().to_owned();
        let base = name.strip_suffix(IN_FILE).unwrap_or(&name);
        if !known.contains(&name) && !known.contains(base) {
            return Err(SettingsError::Unknown { path, line, name });
        }
        let place = format!("{}:{line}", path.display());
        let value = unquoted(value.trim()).to_owned();
        settings.insert(name, Found { value, place });
    }
    Ok(settings)
}

fn unquoted(value: &str) -> &str {
    let of = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    of('"').or_else(|| of('\'')).unwrap_or(value)
}

/// The names of all settings, as variables, whichever command they are for.
fn names(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(variable_of);
    let below = command.get_subcommands().flat_map(names);
    own.chain(below).collect()
}

fn variable_of(argument: &Arg) -> Option<String> {
    Some(argument.get_env()?.to_str()?.to_owned())
}

/// The file that the arguments name.
pub fn named_file(given: &[OsString]) -> Option<PathBuf> {
    let position = given.iter().position(|argument| {
        argument == FILE_FLAG || flag_of(argument).as_deref() == Some(FILE_FLAG)
    })?;
    let text = given[position].to_str()?;
    match text.split_once('=') {
        Some((_, path)) => Some(path.into()),
        None => given.get(position + 1).map(PathBuf::from),
    }
}

/// The flag of an argument, without its value.
fn flag_of(argument: &OsString) -> Option<String> {
    let text = argument.to_str()?;
    let flag = text.split_once('=').map_or(text, |(flag, _)| flag);
    flag.starts_with("--").then(|| flag.to_owned())
}

/// Puts the flags of the command's settings right after its name.
fn with(
    command: &Command,
    mut given: Vec<OsString>,
    found: &BTreeMap<String, Found>,
) -> Vec<OsString> {
    let position = given.iter().skip(1).position(|argument| {
        argument
            .to_str()
            .is_some_and(|name| command.find_subcommand(name).is_some())
    });
    let Some(position) = position.map(|position| position + 1) else {
        return given;
    };
    let subcommand = given[position]
        .to_str()
        .and_then(|name| command.find_subcommand(name));
    let said: BTreeSet<String> = given.iter().filter_map(flag_of).collect();
    let mut flags = Vec::new();
    for argument in subcommand.into_iter().flat_map(Command::get_arguments) {
        let setting = variable_of(argument).and_then(|name| found.get(&name));
        let (Some(setting), Some(long)) = (setting, argument.get_long()) else {
            continue;
        };
        let flag = format!("--{long}");
        if said.contains(&flag) {
            continue;
        }
        match argument.get_action() {
            ArgAction::SetTrue if is_true(&setting.value) => flags.push(flag.into()),
            ArgAction::SetTrue => {}
            _ => flags.push(format!("{flag}={}", setting.value).into()),
        }
    }
    given.splice(position + 1..=position, flags);
    given
}

/// As clap reads a variable of a flag without a value.
fn is_true(value: &str) -> bool {
    let value = value.to_lowercase();
    !["", "n", "no", "f", "false", "off", "0"].contains(&&*value)
}

#[cfg(test)]
mod tests;
