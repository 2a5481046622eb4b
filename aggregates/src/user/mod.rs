//! Users. Stream id: the user's UUID.

pub(crate) mod audit;
mod command;
mod decide;
mod error;
mod event;
#[cfg(test)]
mod tests;

use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Error;
pub use event::{Event, Status};

use crate::email::folded;
use crate::login_type::LoginType;
use crate::password_hash::PasswordHash;
use crate::{Id, Life, Noun, Personal, UniqueKey};

/// A user's id.
pub type UserId = Id<User>;

/// The site role that may do everything.
pub const OWNER: &str = "owner";

/// A user that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
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
    /// How often all that was handed out to the user until then ended: keys, codes and tokens of an earlier generation are
    /// good for nothing.
    pub credential_generation: u32,
    /// The user's own quiet hours schedule.
    pub quiet_hours_schedule: Option<String>,
}

/// The unique key that the user of this name holds.
pub fn username_key(username: &str) -> String {
    format!("user_name:{}", username.to_lowercase())
}

/// The unique key that the user of this e-mail address holds.
pub fn email_key(email: &str) -> String {
    format!("user_email:{}", folded(email))
}

impl Noun for User {
    const TYPE: &'static str = "user";
    const STATE_VERSION: u32 = 5;
    /// None: the state holds the names, to free their keys and to see what changes, and personal data stays in events alone.
    /// Streams are short, because a user seldom changes.
    const SNAPSHOT_EVERY: Option<usize> = None;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        Ok(decide::decide(state, command)?.into_iter().collect())
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
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
                state,
            ) => {
                *state = Life::Live(Self {
                    username,
                    email,
                    name,
                    login_type,
                    status,
                    roles,
                    hashed_password,
                    credential_generation: 0,
                    quiet_hours_schedule: None,
                });
            }
            (Event::UserDeleted { .. }, state) => *state = Life::Deleted,
            (change, Life::Live(user)) => user.apply(change),
            (_, Life::Unknown | Life::Deleted) => {}
        }
    }

    fn event_version(event: &Event) -> &'static str {
        match event {
            Event::UserSuspended { .. } => "2.0",
            _ => "1.0",
        }
    }

    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        upcasters()
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
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
            } => UniqueKey::renamed(
                username_key(previous_username.expose()),
                username_key(username.expose()),
            ),
            Event::UserDeleted { username, email } => vec![
                UniqueKey::Free(username_key(username.expose())),
                UniqueKey::Free(email_key(email.expose())),
            ],
            Event::UserActivated {}
            | Event::UserSuspended { .. }
            | Event::UserReinstated {}
            | Event::PasswordChanged { .. }
            | Event::UserRolesChanged { .. }
            | Event::QuietHoursScheduleSet { .. } => Vec::new(),
        }
    }
}

/// A user who was suspended before version 2.0 kept its keys.
fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
    vec![Box::new(SemanticVersionEventUpcaster::new(
        "user_suspended",
        "2.0",
        Box::new(|mut payload| {
            payload["ends_credentials"] = false.into();
            payload
        }),
    ))]
}

impl User {
    fn apply(&mut self, change: Event) {
        match change {
            Event::UserActivated {} => self.status = Status::Active,
            Event::UserSuspended { ends_credentials } => {
                self.status = Status::Suspended;
                self.credential_generation += u32::from(ends_credentials);
            }
            Event::UserReinstated {} => self.status = Status::Dormant,
            Event::PasswordChanged { hashed_password } => {
                self.hashed_password = Some(hashed_password);
                self.credential_generation += 1;
            }
            Event::UserProfileUpdated { username, name, .. } => {
                self.username = username;
                self.name = name;
            }
            Event::UserRolesChanged { roles } => self.roles = roles,
            Event::QuietHoursScheduleSet { schedule } => {
                self.quiet_hours_schedule = Some(schedule);
            }
            // The beginning and the end are the noun's own.
            Event::UserCreated { .. } | Event::UserDeleted { .. } => {}
        }
    }
}
