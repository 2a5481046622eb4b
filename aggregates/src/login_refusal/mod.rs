//! Refused logins, for the audit trail. Stream id: a random UUID; one event per stream.

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
pub use event::{Event, Reason};

use crate::{Personal, Recorded, email};

/// The state of a login refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRefusal {
    /// Whether it was recorded.
    pub recorded: bool,
}

impl Aggregate for LoginRefusal {
    const TYPE: &'static str = "login_refusal";
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
        if self.recorded {
            return Err(Error::AlreadyRecorded);
        }
        let Command::RefuseLogin {
            email,
            user_id,
            reason,
        } = command;
        let email = Personal::new(recordable(email.expose()));
        sink.write(
            Event::LoginRefused {
                email,
                user_id,
                reason,
            },
            self,
        )
        .await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::LoginRefused { .. } => self.recorded = true,
        }
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

impl Recorded for LoginRefusal {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;
}
