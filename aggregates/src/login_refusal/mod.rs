//! Refused logins, for the audit trail. Stream id: a random UUID; one event per stream.

mod audit;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::Command;
pub use error::Error;
pub use event::{Event, Reason};

use crate::{Life, Noun, Personal, email};

/// A login that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRefusal {
    /// What was typed as the e-mail address: at most 254 bytes, without control characters.
    pub email: Personal<String>,
    /// The user who has that address, if any.
    pub user_id: Option<Uuid>,
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
            email: Personal::new(recordable(email.expose())),
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

/// What was typed as an address can be anything: it is cut to the longest possible address, without control characters
/// (PostgreSQL cannot take a NUL out of JSON).
fn recordable(typed: &str) -> String {
    let mut kept = String::new();
    for c in typed.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > email::MAX_LENGTH {
            break;
        }
        kept.push(c);
    }
    kept
}
