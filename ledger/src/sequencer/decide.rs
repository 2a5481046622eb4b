//! How a batch is decided: from what is known, or by the database under its lock.

use super::Append;
use super::appender::Appender;
use super::batch::Outcome;
use super::plan;
use super::session::CallError;
use crate::memory::Head;

impl Appender {
    /// The last event, which is asked for where it is not known.
    pub(super) async fn look_at_head(&mut self) -> Result<Head, CallError> {
        if let Some(head) = self.memory.head() {
            return Ok(head);
        }
        let lost = |reason: &dyn std::fmt::Display| CallError::Lost(reason.to_string());
        self.memory.confirm().await.map_err(|error| lost(&error))?;
        self.memory
            .head()
            .ok_or_else(|| lost(&"the log changed its history"))
    }

    /// Decides a batch from what is known, or else lets the database decide.
    pub(super) async fn decide(&mut self, batch: &[&Append]) -> Result<Vec<Outcome>, CallError> {
        let Some(session) = self.session.as_mut() else {
            return Err(CallError::Lost("there is no session".to_owned()));
        };
        if let Some(plan) = self.memory.know(|known| plan::plan(known, batch)) {
            match session.append_if_head(batch, &plan).await {
                Ok(true) => return Ok(plan.places.into_iter().map(Outcome::Appended).collect()),
                Ok(false) => {
                    self.memory.swap_lost();
                    tracing::debug!("another process appended first");
                }
                Err(CallError::RolledBack(error)) if is_unique_violation(&error) => {}
                Err(error) => return Err(error),
            }
        }
        session.append(batch).await
    }
}

/// Whether something believed to be new is there.
fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}
