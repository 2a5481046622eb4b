//! `chancery user`: what an operator does on the data itself, whether a server runs or not.

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use chancery_ledger::LedgerConfig;
use chancery_operations::secret::{ExposeSecret, Secret};
use chancery_operations::user::{self, NewUser, User};
use chancery_operations::{Operator, Services, Settings};
use chancery_projections::{Config, Projections};
use clap::{Args, Subcommand};
use serde_json::json;
use tokio::time::Instant;

use super::database::DatabaseArguments;
use super::failure::{self, Failure};
use super::reader;
use super::terminal::{self, clean, json_line};
use crate::app::Opened;
use crate::clock::Clock;
use crate::config::Database;
use crate::randomness::Randomness;
use crate::version::BUILD_VERSION;

/// A PostgreSQL of our own gets so long to stop.
const CLOSED_WITHIN: Duration = Duration::from_mins(1);
/// Characters of a password that is made here.
const PASSWORD_LENGTH: usize = 24;
/// More than this is no password, in bytes.
const LONGEST_LINE: u64 = 4096;

const AFTER_HELP: &str = "\
Examples:
  chancery user create --owner --username ada --email ada@example.com
  chancery user reset-password ada

Whoever may open the data may do this: no server has to run, and no owner has to be left. What is done is recorded, as done by
`operator` with the name that the operating system knows him by.

Exit status:
  0  done
  1  any other failure
  2  the command line is wrong, or a name, address or password is not taken
  3  there is no database, it cannot be reached, or it holds no ledger
  4  there is no such user";

const CREATE_AFTER_HELP: &str = "\
Examples:
  chancery user create --owner --username ada --email ada@example.com
  pass show chancery/ada | chancery user create --username ada --email ada@example.com --password-stdin";

const RESET_PASSWORD_AFTER_HELP: &str = "\
Examples:
  chancery user reset-password ada
  chancery user reset-password ada@example.com --json | jq -r .password
  pass show chancery/ada | chancery user reset-password ada --password-stdin";

/// Flags of `user`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,

    /// Read the password from the first line of the standard input [default: one is made, and printed this once]
    #[arg(long, global = true)]
    password_stdin: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an active user, who signs in with a password, in the default organization
    #[command(after_help = CREATE_AFTER_HELP)]
    Create {
        /// Make an owner, who may do everything
        #[arg(long)]
        owner: bool,

        /// The user name: 1 to 32 letters and digits, with single hyphens between
        #[arg(long, value_name = "NAME")]
        username: String,

        /// The e-mail address
        #[arg(long, value_name = "EMAIL")]
        email: String,

        /// The person's name
        #[arg(long, value_name = "NAME", default_value = "")]
        name: String,
    },
    /// Give a user another password; its sessions and tokens end
    #[command(after_help = RESET_PASSWORD_AFTER_HELP)]
    ResetPassword {
        /// The user's name, e-mail address or UUID
        user: String,
    },
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let database = arguments.database.database()?;
    let (json, stdin) = (arguments.json, arguments.password_stdin);
    let outcome = run_on(&database, arguments.command, json, stdin).await;
    Ok(failure::end(outcome.map(|()| ExitCode::SUCCESS)))
}

async fn run_on(
    database: &Database,
    command: Command,
    json: bool,
    stdin: bool,
) -> Result<(), Failure> {
    // Where there is nothing, nothing is made: only the server does that.
    reader::expect_ledger(database).await?;
    let password = if stdin { Some(read_password()?) } else { None };
    let opened = Opened::open(database, LedgerConfig::default()).await?;
    let done = work(&opened, command, password.as_ref()).await;
    opened.close(Instant::now() + CLOSED_WITHIN).await?;
    let (user, made) = done?;
    tell(&user, made.as_ref(), json)
}

/// Does it; returns the user, and the password if it was made here.
async fn work(
    opened: &Opened,
    command: Command,
    given: Option<&Secret>,
) -> Result<(User, Option<Secret>), Failure> {
    let (options, ledger) = (opened.options.clone(), opened.ledger.clone());
    let projections = Projections::start(ledger.clone(), options, Config::default()).await?;
    let services = Services::start(settings(), Clock::system(), ledger, projections).await?;
    let made = match given {
        Some(_) => None,
        None => Some(Secret::from(Randomness.alphanumeric(PASSWORD_LENGTH))),
    };
    let password = given.or(made.as_ref()).cloned().unwrap_or_default();
    let (id, name) = operating_system_user().await;
    let operator = Operator::new(&services, id, name);
    let done = match command {
        Command::Create {
            owner,
            username,
            email,
            name,
        } => {
            let new = NewUser {
                email,
                username,
                name,
                password,
                ..NewUser::default()
            };
            user::create_by_operator(&operator, new, owner).await
        }
        Command::ResetPassword { user } => user::reset_password(&operator, &user, password).await,
    };
    services.stop().await;
    let user = done.map_err(|failure| match failure {
        chancery_operations::Failure::NotFound => {
            Failure::NotFound("there is no such user".to_owned())
        }
        other => other.into(),
    })?;
    Ok((user, made))
}

/// Nobody is served here, so what is said of serving does not matter.
fn settings() -> Settings {
    Settings {
        server_version: BUILD_VERSION,
        ..Settings::default()
    }
}

fn read_password() -> Result<Secret, Failure> {
    let unreadable = |error| Failure::Other(format!("the password cannot be read: {error}"));
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(LONGEST_LINE);
    input.read_line(&mut line).map_err(unreadable)?;
    Ok(Secret::from(line.trim_end_matches(['\r', '\n'])))
}

/// Number and name of the user who runs this; the number again where `id` knows no name.
async fn operating_system_user() -> (u32, String) {
    let id = rustix::process::getuid().as_raw();
    let named = tokio::process::Command::new("id").arg("-un").output().await;
    let name = named.ok().filter(|output| output.status.success());
    let name = name.and_then(|output| String::from_utf8(output.stdout).ok());
    let name = name.map(|name| name.trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    (id, name.unwrap_or_else(|| id.to_string()))
}

fn tell(user: &User, made: Option<&Secret>, json: bool) -> Result<(), Failure> {
    let mut out = terminal::stdout();
    if json {
        let password = made.map(ExposeSecret::expose_secret);
        let value = json!({
            "id": user.id, "username": user.username, "email": user.email, "roles": user.roles, "password": password,
        });
        return json_line(&mut out, &value);
    }
    let roles = if user.roles.is_empty() {
        "member".to_owned()
    } else {
        user.roles.join(", ")
    };
    let (name, email) = (clean(&user.username), clean(&user.email));
    writeln!(
        out,
        "{name} <{email}>, {roles}: signs in with the new password from now on"
    )?;
    if let Some(password) = made {
        writeln!(
            out,
            "password, which is shown this once: {}",
            password.expose_secret()
        )?;
    }
    Ok(())
}
