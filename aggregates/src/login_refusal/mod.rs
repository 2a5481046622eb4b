//! Refused logins, for the audit trail. Stream id: a random UUID; one event per stream.

mod audit;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Error;
pub use event::{Event, Reason};

use crate::email::Email;
use crate::user::UserId;
use crate::{Id, Life, Noun, Personal};

/// A refused login's id.
pub type LoginRefusalId = Id<LoginRefusal>;

/// A login that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRefusal {
    /// What was typed as the e-mail address; empty where it was hardly one.
    pub email: Personal<String>,
    /// The user who has that address, if any.
    pub user_id: Option<UserId>,
    /// Why.
    pub reason: Reason,
}

impl Noun for LoginRefusal {
    const TYPE: &'static str = "login_refusal";
    const STATE_VERSION: u32 = 2;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        state.must_be_new(Error::AlreadyRecorded)?;
        let Command::RefuseLogin {
            email,
            user_id,
            reason,
        } = command;
        Ok(vec![Event::LoginRefused {
            email: Personal::new(recordable(email.expose(), user_id.is_some())),
            user_id,
            reason,
        }])
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        let Event::LoginRefused {
            email,
            user_id,
            reason,
        } = event;
        *state = Life::Live(Self {
            email,
            user_id,
            reason,
        });
    }
}

/// What was typed as an address, if that is likely: a password goes into the wrong field now and then, and what is recorded stays.
/// An address that nobody has needs a dot in its domain, as those of other sites have it; no control characters are in any.
fn recordable(typed: &str, is_known: bool) -> String {
    let has_dot = || {
        typed
            .rsplit('@')
            .next()
            .is_some_and(|domain| domain.contains('.'))
    };
    let is_address = Email::parse(typed).is_ok() && (is_known || has_dot());
    if is_address {
        typed.to_owned()
    } else {
        String::new()
    }
}
