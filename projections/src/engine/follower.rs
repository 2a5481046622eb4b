//! A follower: one task that keeps one projection's live tables up with the ledger.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::{Ledger, Position, ReadError, RecordedEvent};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use super::apply::{self, Failure, Outcome, Slot};
use super::checkpoint::{self, Checkpoint};
use super::config::Config;
use super::error::{ApplyError, RebuildError};
use super::mark::{Marker, Phase};
use super::pass::next_limit;
use super::projection::{Projection, relevant};
use super::shadow::Context;
use super::{connection, rebuild, schema};

/// How often a replica that was superseded by one of another version reads the checkpoint row.
const OBSERVE_EVERY: Duration = Duration::from_millis(100);

/// What ends a session with the database; the follower starts another after a pause.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Rebuild(RebuildError),
}

/// What a follower needs.
pub(super) struct Follower {
    pub(super) projection: Arc<dyn Projection>,
    pub(super) ledger: Ledger,
    pub(super) options: PgConnectOptions,
    pub(super) config: Config,
    pub(super) marker: Arc<Marker>,
    pub(super) stop: watch::Receiver<bool>,
}

impl Follower {
    /// Follows until told to stop.
    pub(super) async fn run(mut self) {
        const FIRST_BACKOFF: Duration = Duration::from_millis(50);
        let mut backoff = FIRST_BACKOFF;
        // Whether the tables were once of this program's version: then another version means a newer replica.
        let mut served = false;
        while !self.stopping() {
            let before = self.marker.get().position;
            let Err(error) = self.session(&mut served).await else {
                continue;
            };
            tracing::warn!(projection = %self.projection.name(), %error, "the follower lost its session; trying again");
            if self.marker.get().position > before {
                backoff = FIRST_BACKOFF;
            }
            self.pause(backoff).await;
            backoff = (backoff * 2).min(self.config.longest_backoff);
        }
    }

    fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for the time, a nudge or the end.
    async fn pause(&mut self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.marker.nudge.notified() => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }

    /// One connection's life: reads the checkpoint row and does what it says, again and again.
    async fn session(&mut self, served: &mut bool) -> Result<(), SessionError> {
        let name = self.projection.name();
        let mut connection = connection::open(&self.options, &schema::live(name)).await?;
        while !self.stopping() {
            let row = checkpoint::live(&mut connection, name)
                .await?
                .ok_or(sqlx::Error::RowNotFound)?;
            if row.is_stopped() {
                self.marker.set(row.position(), Phase::Stopped);
                self.pause(self.config.poll).await;
            } else if row.version() == self.projection.version() {
                *served = true;
                self.follow(&mut connection, row.position()).await?;
            } else if *served {
                self.marker.set(row.position(), Phase::Following);
                self.pause(OBSERVE_EVERY).await;
            } else {
                self.marker.set(row.position(), Phase::Rebuilding);
                self.rebuild(&mut connection, &row).await?;
            }
        }
        Ok(())
    }

    /// Applies events as they come; returns when the checkpoint row has to be read again, or at the end.
    async fn follow(
        &mut self,
        connection: &mut PgConnection,
        start: Position,
    ) -> Result<(), SessionError> {
        // `stored` is where the row stands; `mark` is past events that do not concern the projection, too.
        let (mut stored, mut mark) = (start, start);
        let mut head = self.ledger.subscribe();
        let mut wanted = self.marker.wanted();
        self.marker.set(mark, Phase::Following);
        let mut look = true;
        let mut limit = self.config.batch;
        loop {
            let known = *head.borrow_and_update();
            if self.stopping() {
                if mark > stored {
                    self.apply(connection, stored, &[], mark).await?;
                }
                return Ok(());
            }
            if mark >= known && !look {
                let closed = tokio::select! {
                    changed = head.changed() => changed.is_err(),
                    // A lost notification must not stall the projection.
                    () = tokio::time::sleep(self.config.poll) => {
                        look = true;
                        false
                    }
                    () = self.marker.nudge.notified() => return Ok(()),
                    stopped = self.stop.wait_for(|stop| *stop) => stopped.is_err(),
                };
                if closed {
                    self.pause(self.config.poll).await;
                }
                // Idle: the row may as well say how far the projection has come.
                if look && mark > stored {
                    if self.apply(connection, stored, &[], mark).await? == Outcome::Moved {
                        return Ok(());
                    }
                    stored = mark;
                }
                continue;
            }
            look = false;
            self.linger(mark, known, &mut wanted).await;
            let batch = match self.ledger.read(mark, limit).await {
                Ok(batch) => batch,
                Err(ReadError::Malformed { position, reason }) => {
                    // Applies what comes before the unreadable event, then stops at it.
                    limit = usize::try_from(position.0 - mark.0 - 1).unwrap_or_default();
                    if limit > 0 {
                        look = true;
                        continue;
                    }
                    tracing::error!(projection = %self.projection.name(), position = position.0, %reason, "an event cannot be read");
                    let name = self.projection.name();
                    checkpoint::stop_live_at(
                        connection,
                        name,
                        stored,
                        position,
                        "unreadable",
                        &reason,
                    )
                    .await?;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = batch.last().map(|event| event.position) else {
                limit = self.config.batch;
                continue;
            };
            limit = if last < known {
                next_limit(limit, batch.len(), self.config.batch)
            } else {
                self.config.batch
            };
            let events = relevant(&*self.projection, &batch);
            if !events.is_empty() || last.0 - stored.0 > self.config.lazy_positions {
                if self.apply(connection, stored, &events, last).await? == Outcome::Moved {
                    return Ok(());
                }
                stored = last;
            }
            mark = last;
            self.marker.set(mark, Phase::Following);
        }
    }

    /// Lets events gather, unless somebody waits for them or there is a batch of them.
    async fn linger(
        &mut self,
        mark: Position,
        known: Position,
        wanted: &mut watch::Receiver<Position>,
    ) {
        let gathered = usize::try_from(known.0 - mark.0).unwrap_or_default();
        if gathered == 0 || gathered >= self.config.batch {
            return;
        }
        tokio::select! {
            biased;
            _ = wanted.wait_for(|wanted| *wanted > mark) => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(self.config.linger) => {}
        }
    }

    /// Applies a batch; stops the projection at an event that cannot be applied, which also moves the row.
    async fn apply(
        &self,
        connection: &mut PgConnection,
        from: Position,
        events: &[Arc<RecordedEvent>],
        to: Position,
    ) -> Result<Outcome, SessionError> {
        match apply::batch(
            connection,
            &*self.projection,
            Slot::Live { from },
            events,
            to,
        )
        .await
        {
            Ok(outcome) => Ok(outcome),
            Err(Failure::Transient(error)) => Err(error.into()),
            Err(Failure::Poison {
                event,
                applied,
                message,
            }) => {
                let name = self.projection.name();
                tracing::error!(
                    projection = %name, position = event.position.0, event = %event.event_type, error = %message,
                    "an event cannot be applied; the projection is stopped"
                );
                checkpoint::stop_live(connection, name, applied, &event, &message).await?;
                Ok(Outcome::Moved)
            }
        }
    }

    /// Brings the tables to this program's version.
    async fn rebuild(
        &mut self,
        connection: &mut PgConnection,
        row: &Checkpoint,
    ) -> Result<(), SessionError> {
        let name = self.projection.name();
        tracing::info!(
            projection = %name, from = row.version(), to = self.projection.version(),
            "the projection's version changed; rebuilding beside the old tables"
        );
        let context = Context {
            projection: Arc::clone(&self.projection),
            ledger: self.ledger.clone(),
            options: self.options.clone(),
            batch: self.config.rebuild_batch,
        };
        let outcome = tokio::select! {
            outcome = rebuild::one(context) => outcome,
            _ = self.stop.wait_for(|stop| *stop) => return Ok(()),
        };
        match outcome {
            Ok((position, old)) => {
                // Queries may read the old tables for long; following need not wait for them.
                tokio::spawn(old.remove());
                tracing::info!(projection = %name, position = position.0, "the projection is rebuilt");
                Ok(())
            }
            Err(RebuildError::AlreadyRunning(_)) => {
                self.pause(self.config.poll).await;
                Ok(())
            }
            Err(RebuildError::Event {
                position,
                event,
                message,
            }) => {
                tracing::error!(
                    projection = %name, position = position.0, %event, error = %message,
                    "an event cannot be applied; the rebuild is stopped"
                );
                checkpoint::stop_live_at(
                    connection,
                    name,
                    row.position(),
                    position,
                    &event,
                    &message,
                )
                .await?;
                Ok(())
            }
            Err(error) => Err(SessionError::Rebuild(error)),
        }
    }
}
