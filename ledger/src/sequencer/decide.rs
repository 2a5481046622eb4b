//! How a batch is decided: from what is known, or by the database under its lock.

use super::Append;
use super::appender::Appender;
use super::batch::Outcome;
use super::known::Head;
use super::session::CallError;
use crate::Position;

impl Appender {
    /// The last event, which is asked for where it is not known; then it is also found out whether what was known is history
    /// still.
    pub(super) async fn look_at_head(&mut self) -> Result<Head, CallError> {
        if let Some(head) = self.known.head {
            return Ok(head);
        }
        let Some(session) = self.session.as_mut() else {
            return Err(CallError::Lost("there is no session".to_owned()));
        };
        let seen = self.history.last();
        let (head, hash_then) = session.head(seen).await?;
        self.history.looked(hash_then);
        self.history.reached(head.position, head.hash);
        self.known.head = Some(head);
        Ok(head)
    }

    /// Decides a batch from what is known, or else lets the database decide.
    pub(super) async fn decide(&mut self, batch: &[&Append]) -> Result<Vec<Outcome>, CallError> {
        let Some(session) = self.session.as_mut() else {
            return Err(CallError::Lost("there is no session".to_owned()));
        };
        if let Some(plan) = self.known.plan(batch) {
            match session.append_if_head(batch, &plan).await {
                Ok(true) => {
                    let places = plan.places.into_iter();
                    let outcomes: Vec<_> = places.map(Outcome::Appended).collect();
                    self.known.head = Some(plan.after);
                    self.history.reached(plan.after.position, plan.after.hash);
                    self.known.learn(batch, &outcomes);
                    return Ok(outcomes);
                }
                Ok(false) => {
                    tracing::debug!("another process appended first");
                    self.known.forget();
                }
                Err(CallError::RolledBack(error)) if is_unique_violation(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let outcomes = session.append(batch).await?;
        self.learn(batch, &outcomes);
        Ok(outcomes)
    }

    /// Remembers what the database decided. What others recorded in between is not known here.
    fn learn(&mut self, batch: &[&Append], outcomes: &[Outcome]) {
        for (append, outcome) in batch.iter().zip(outcomes) {
            let Outcome::Appended(place) = outcome else {
                continue;
            };
            let continued = self.known.head.is_some_and(|mut head| {
                let expected = head.extend_at(append, place.recorded_at);
                (expected.first, &expected.hashes) == (place.first, &place.hashes)
            });
            if !continued {
                self.known.forget();
                self.history.jumped(place);
            }
            let added = i64::try_from(place.hashes.len()).unwrap_or_default();
            if let Some(hash) = place.hashes.last() {
                let head = Head {
                    position: Position(place.first + added - 1),
                    hash: *hash,
                    recorded_at: place.recorded_at,
                };
                self.known.head = Some(head);
                self.history.reached(head.position, head.hash);
            }
        }
        self.known.learn(batch, outcomes);
    }
}

/// Whether something believed to be new is there.
fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}
