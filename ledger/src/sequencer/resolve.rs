//! A connection lost during an append leaves its outcome unknown. Nobody is answered by a guess: the appender
//! reconnects, makes sure that the old session is over, and looks.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use super::Append;
use super::appender::Appender;
use super::batch::{Outcome, Place};
use super::waiting::Waiting;
use crate::memory::Applied;
use crate::{AppendError, Position};

const PAUSE: Duration = Duration::from_millis(50);

/// What names an append's first event: appends of one command may share an id, streams and sequences do not repeat.
type FirstEvent = (Uuid, String, String, i64);

struct Found {
    position: i64,
    recorded_at: DateTime<Utc>,
    hash: [u8; 32],
}

impl Appender {
    /// Finds out which appends of a lost call were made, answers those, and puts the others back to be sent again.
    pub(super) async fn resolve(&mut self, batch: Vec<Waiting>, known_head: Position) {
        let lost = self.session.take().map(|session| session.id);
        let deadline = Instant::now() + self.config.unavailable_after;
        let appends: Vec<Uuid> = batch.iter().map(|waiting| waiting.append.id).collect();
        let found = loop {
            let looking = self.look(lost, known_head, &appends);
            let error = match timeout_at(deadline, looking).await {
                Ok(Ok(found)) => break Some(found),
                Ok(Err(error)) => error,
                Err(_) => "no answer in time".to_owned(),
            };
            tracing::warn!(error, "cannot find out yet what became of an append");
            self.session = None;
            if Instant::now() >= deadline {
                break None;
            }
            sleep(PAUSE).await;
        };
        let Some(found) = found else {
            for waiting in batch {
                waiting.answer(Err(AppendError::OutcomeUnknown));
            }
            return self.unavailable(Vec::new(), "the database is unreachable");
        };

        let mut made = Vec::new();
        for waiting in batch.into_iter().rev() {
            if let Some(place) = place_of(&waiting.append, &found) {
                made.push((waiting, Outcome::Appended(place)));
            } else if waiting.since.elapsed() >= self.config.unavailable_after {
                waiting.answer(Err(AppendError::Unavailable(
                    "the connection was lost".to_owned(),
                )));
            } else {
                self.waiting.push_front(waiting);
            }
        }
        made.reverse();
        let (made, outcomes) = made.into_iter().unzip();
        if self.answer(made, outcomes) == Applied::Gap {
            self.catch_up().await;
        }
    }

    async fn look(
        &mut self,
        lost: Option<i32>,
        known_head: Position,
        appends: &[Uuid],
    ) -> Result<HashMap<FirstEvent, Found>, String> {
        if !self.connect().await {
            return Err("the database is unreachable".to_owned());
        }
        let Some(session) = self.session.as_mut() else {
            return Err("there is no session".to_owned());
        };
        if let Some(lost) = lost {
            session
                .supersede(lost)
                .await
                .map_err(|error| error.to_string())?;
        }
        let rows = session
            .read_back(known_head.0, appends)
            .await
            .map_err(|error| error.to_string())?;
        // They are visible, which need not mean that they are as durable as an answer promises: ending the old session also
        // ended its wait for a synchronous standby.
        if !rows.is_empty() {
            session
                .await_durability()
                .await
                .map_err(|error| error.to_string())?;
        }
        rows.iter()
            .map(found)
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())
    }
}

fn found(row: &PgRow) -> Result<(FirstEvent, Found), sqlx::Error> {
    let hash: &[u8] = row.try_get("hash")?;
    let key = (
        row.try_get("append_id")?,
        row.try_get("aggregate_type")?,
        row.try_get("aggregate_id")?,
        row.try_get("sequence")?,
    );
    let found = Found {
        position: row.try_get("position")?,
        recorded_at: row.try_get("recorded_at")?,
        hash: hash
            .try_into()
            .map_err(|_| sqlx::Error::Protocol("a hash is not 32 bytes".to_owned()))?,
    };
    Ok((key, found))
}

/// Where the append's events are, when they were recorded.
fn place_of(append: &Append, found: &HashMap<FirstEvent, Found>) -> Option<Place> {
    let events: Vec<&Found> = append
        .events
        .iter()
        .map(|draft| {
            let event = &draft.event;
            found.get(&(
                append.id,
                event.aggregate_type.clone(),
                event.aggregate_id.clone(),
                event.sequence,
            ))
        })
        .collect::<Option<_>>()?;
    let first = events.first()?;
    Some(Place {
        first: first.position,
        recorded_at: first.recorded_at,
        hashes: events.iter().map(|event| event.hash).collect(),
    })
}
