//! Users. Stream id: the user's UUID.

mod command;
mod decide;
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

/// The site role that may do everything.
pub const OWNER: &str = "owner";

/// The state of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `None` before the user is created and after it is deleted.
    pub account: Option<Account>,
    /// Whether the user existed and was deleted.
    pub deleted: bool,
}

/// The state of a user that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The unique user name.
    pub username: Personal<String>,
    /// The unique e-mail address.
    pub email: Personal<String>,
    /// The person's name; may be empty.
    pub name: Personal<String>,
    /// How the user signs in.
    pub login_type: LoginType,
    /// Whether the user may sign in.
    pub status: Status,
    /// The user's site roles, besides the implicit `member`.
    pub roles: Vec<String>,
    /// The password's hash, for login type `password`.
    pub hashed_password: Option<PasswordHash>,
    /// The user's own quiet hours schedule.
    pub quiet_hours_schedule: Option<String>,
}

/// The unique key that the user of this name holds.
pub fn username_key(username: &str) -> String {
    format!("user_name:{}", username.to_lowercase())
}

/// The unique key that the user of this e-mail address holds.
pub fn email_key(email: &str) -> String {
    format!("user_email:{}", email.to_lowercase())
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
                    username,
                    email,
                    name,
                    login_type,
                    status,
                    roles,
                    hashed_password,
                },
                account,
            ) => {
                *account = Some(Account {
                    username,
                    email,
                    name,
                    login_type,
                    status,
                    roles,
                    hashed_password,
                    quiet_hours_schedule: None,
                });
            }
            (Event::UserDeleted { .. }, account) => {
                *account = None;
                self.deleted = true;
            }
            (change, Some(account)) => account.apply(change),
            // No command records a change before the creation or after the deletion.
            (_, None) => {}
        }
    }
}

impl Account {
    fn apply(&mut self, change: Event) {
        match change {
            Event::UserActivated {} => self.status = Status::Active,
            Event::UserSuspended {} => self.status = Status::Suspended,
            Event::PasswordChanged { hashed_password } => {
                self.hashed_password = Some(hashed_password);
            }
            Event::UserProfileUpdated { username, name, .. } => {
                self.username = username;
                self.name = name;
            }
            Event::UserRolesChanged { roles } => self.roles = roles,
            Event::QuietHoursScheduleSet { schedule } => {
                self.quiet_hours_schedule = Some(schedule);
            }
            // The beginning and the end are the aggregate's own.
            Event::UserCreated { .. } | Event::UserDeleted { .. } => {}
        }
    }
}

impl Recorded for User {
    /// None: the state holds the names, to free their keys and to see what changes, and personal data stays in events alone.
    /// Streams are short, because a user seldom changes.
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 2;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::UserCreated {
                username, email, ..
            } => vec![
                UniqueKey::Take(username_key(username.expose())),
                UniqueKey::Take(email_key(email.expose())),
            ],
            Event::UserProfileUpdated {
                username,
                previous_username,
                ..
            } => {
                let (key, previous) = (
                    username_key(username.expose()),
                    username_key(previous_username.expose()),
                );
                if key == previous {
                    return Vec::new();
                }
                vec![UniqueKey::Free(previous), UniqueKey::Take(key)]
            }
            Event::UserDeleted { username, email } => vec![
                UniqueKey::Free(username_key(username.expose())),
                UniqueKey::Free(email_key(email.expose())),
            ],
            Event::UserActivated {}
            | Event::UserSuspended {}
            | Event::PasswordChanged { .. }
            | Event::UserRolesChanged { .. }
            | Event::QuietHoursScheduleSet { .. } => Vec::new(),
        }
    }
}
