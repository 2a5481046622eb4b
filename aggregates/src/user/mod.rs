//! Users. Stream id: the user's UUID.

mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Error;
pub use event::{Event, Status};

use crate::login_type::LoginType;
use crate::password_hash::PasswordHash;
use crate::{Personal, Recorded, UniqueKey};

/// The state of a user: what decides commands, and nothing personal, because snapshots keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `None` before the user is created.
    pub account: Option<Account>,
}

/// The state of a user that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// How the user signs in.
    pub login_type: LoginType,
    /// Whether the user may sign in.
    pub status: Status,
    /// The user's site roles, besides the implicit `member`.
    pub roles: Vec<String>,
    /// The password's hash, for login type `password`.
    pub hashed_password: Option<PasswordHash>,
}

/// The unique key that the user of this name holds.
pub fn username_key(username: &str) -> String {
    format!("user_name:{}", username.to_lowercase())
}

/// The unique key that the user of this e-mail address holds.
pub fn email_key(email: &str) -> String {
    format!("user_email:{}", email.to_lowercase())
}

impl User {
    fn decide(&self, command: Command) -> Result<Option<Event>, Error> {
        match command {
            Command::CreateUser { .. } if self.account.is_some() => Err(Error::AlreadyExists),
            Command::CreateUser {
                username,
                email,
                name,
                login_type,
                status,
                roles,
                hashed_password,
            } => {
                match (login_type, &hashed_password) {
                    (LoginType::Password, None) => return Err(Error::PasswordMissing),
                    (LoginType::Password, Some(_)) | (_, None) => {}
                    (_, Some(_)) => return Err(Error::PasswordNotAllowed),
                }
                Ok(Some(Event::UserCreated {
                    username: Personal::new(username.as_str().to_owned()),
                    email: Personal::new(email.as_str().to_owned()),
                    name: Personal::new(name.as_str().to_owned()),
                    login_type,
                    status,
                    roles,
                    hashed_password,
                }))
            }
            Command::ActivateUser => match self.account()?.status {
                Status::Active => Ok(None),
                Status::Dormant | Status::Suspended => Ok(Some(Event::UserActivated {})),
            },
            Command::ChangePassword { hashed_password } => match self.account()?.login_type {
                LoginType::Password => Ok(Some(Event::PasswordChanged { hashed_password })),
                _ => Err(Error::PasswordNotAllowed),
            },
        }
    }

    fn account(&self) -> Result<&Account, Error> {
        self.account.as_ref().ok_or(Error::NotFound)
    }
}

impl Aggregate for User {
    const TYPE: &'static str = "user";
    type Command = Command;
    type Event = Event;
    type Error = Error;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Error> {
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match (event, &mut self.account) {
            (
                Event::UserCreated {
                    login_type,
                    status,
                    roles,
                    hashed_password,
                    ..
                },
                account,
            ) => {
                *account = Some(Account {
                    login_type,
                    status,
                    roles,
                    hashed_password,
                });
            }
            (Event::UserActivated {}, Some(account)) => account.status = Status::Active,
            (Event::PasswordChanged { hashed_password }, Some(account)) => {
                account.hashed_password = Some(hashed_password);
            }
            // No command records these before the creation.
            (Event::UserActivated {} | Event::PasswordChanged { .. }, None) => {}
        }
    }
}

impl Recorded for User {
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    const SNAPSHOT_VERSION: u32 = 1;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::UserCreated {
                username, email, ..
            } => vec![
                UniqueKey::Take(username_key(username.expose())),
                UniqueKey::Take(email_key(email.expose())),
            ],
            Event::UserActivated {} | Event::PasswordChanged { .. } => Vec::new(),
        }
    }
}
