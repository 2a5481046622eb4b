//! Following: applying events as they come, on one session with the database.

use std::sync::Arc;

use chancery_ledger::{Point, Position, ReadError, RecordedEvent, in_time};
use tokio::sync::watch;

use super::apply::{self, Failure, Outcome, Slot};
use super::checkpoint::{self, Standing, Stop};
use super::error::{ApplyError, event_name};
use super::follower::{Follower, Session, SessionError};
use super::mark::{Mark, Phase};
use super::pass::next_limit;
use super::projection::relevant;

pub(super) struct Following<'f> {
    follower: &'f mut Follower,
    session: &'f mut Session,
    /// The history of the log that is followed.
    history: u64,
    /// Where the log ended when following began: the tables are sound from there on.
    goal: Position,
    /// Where the row stands.
    stored: Point,
    /// As far as the tables reflect the log: past events that do not concern the projection, too.
    mark: Point,
    /// Events read at once.
    limit: usize,
}

/// What to do after waiting.
enum Next {
    /// See whether there are events.
    Look,
    /// Read the checkpoint row again.
    Reread,
}

impl<'f> Following<'f> {
    pub(super) fn new(
        follower: &'f mut Follower,
        session: &'f mut Session,
        standing: &Standing,
        history: u64,
    ) -> Self {
        let start = standing.row.point();
        Self {
            limit: follower.largest,
            follower,
            session,
            history,
            goal: standing.head(),
            stored: start,
            mark: start,
        }
    }

    /// Applies events as they come; returns when the checkpoint row has to be read again, or at the end.
    pub(super) async fn run(mut self) -> Result<(), SessionError> {
        let mut head = self.follower.ledger.subscribe();
        let mut wanted = self.follower.marker.wanted();
        loop {
            self.show();
            let known = *head.borrow_and_update();
            if self.follower.stopping() {
                self.store_mark().await?;
                return Ok(());
            }
            if self.follower.ledger.history() != self.history {
                return Ok(());
            }
            if !self.follower.latest.is(self.session.incarnation) {
                return Err(SessionError::Superseded);
            }
            if self.mark.position >= known {
                match self.idle(&mut head).await? {
                    Next::Look => continue,
                    Next::Reread => return Ok(()),
                }
            }
            self.linger(known, &mut wanted).await;
            let after = self.mark.position;
            let reading = self.follower.ledger.read(after, self.limit);
            let batch = match in_time(self.follower.config.answer_within, reading).await {
                Ok(batch) => batch,
                Err(ReadError::Malformed { position, reason }) => {
                    // Applies what comes before the unreadable event, then stops at it.
                    self.limit = usize::try_from(position.0 - after.0 - 1).unwrap_or_default();
                    if self.limit > 0 {
                        continue;
                    }
                    tracing::error!(projection = %self.follower.projection.name(), position = position.0, %reason, "an event cannot be read");
                    self.stop_at(self.stored, position, "unreadable", &reason)
                        .await?;
                    return Ok(());
                }
                Err(error) => {
                    self.ask_for_less();
                    return Err(error.into());
                }
            };
            if self.take(&batch, known).await? == Outcome::Moved {
                return Ok(());
            }
        }
    }

    /// Applies what concerns the projection.
    async fn take(
        &mut self,
        batch: &[Arc<RecordedEvent>],
        known: Position,
    ) -> Result<Outcome, SessionError> {
        let largest = self.follower.largest;
        let Some(last) = batch.last().map(|event| event.point()) else {
            self.limit = largest;
            // The log ends before what was heard of: what is heard of and not there yet comes, or history was lost.
            self.follower.pause(self.follower.config.linger).await;
            return Ok(if self.is_still_there().await? {
                Outcome::Applied
            } else {
                Outcome::Moved
            });
        };
        self.limit = if last.position < known {
            next_limit(self.limit, batch.len(), largest)
        } else {
            largest
        };
        let events = relevant(&*self.follower.projection, batch);
        let trails = last.position.0 - self.stored.position.0;
        if !events.is_empty() || trails > self.follower.config.lazy_positions {
            if self.apply(&events, last).await? == Outcome::Moved {
                return Ok(Outcome::Moved);
            }
            self.stored = last;
        }
        self.mark = last;
        Ok(Outcome::Applied)
    }

    fn show(&self) {
        let is_sound = self.mark.position >= self.goal;
        self.follower.marker.set(Mark {
            position: self.mark.position,
            phase: Phase::Following,
            sound_in: is_sound.then_some(self.session.incarnation),
        });
    }

    /// Waits for events. Now and then makes sure that the session is alive and the row where it was left: whoever trusts the
    /// mark trusts a session.
    async fn idle(&mut self, head: &mut watch::Receiver<Position>) -> Result<Next, SessionError> {
        let follower = &mut *self.follower;
        tokio::select! {
            changed = head.changed() => {
                if changed.is_ok() {
                    return Ok(Next::Look);
                }
            }
            () = follower.latest.superseded(self.session.incarnation) => {
                return Err(SessionError::Superseded);
            }
            () = follower.marker.nudge.notified() => return Ok(Next::Reread),
            _ = follower.stop.wait_for(|stop| *stop) => return Ok(Next::Look),
            () = tokio::time::sleep(follower.config.poll) => {}
        }
        // Idle: the row may as well say how far the projection has come.
        let there = self.is_still_there().await? && self.store_mark().await? == Outcome::Applied;
        Ok(if there { Next::Look } else { Next::Reread })
    }

    /// Whether the row is where this follower left it, and in the log. A lost notification does not stall the projection:
    /// the head is asked for, too.
    async fn is_still_there(&mut self) -> Result<bool, SessionError> {
        let standing = self.follower.look(&mut self.session.connection).await?;
        let row = &standing.row;
        Ok(standing.is_in_log()
            && row.point() == self.stored
            && row.version() == self.follower.projection.version()
            && !row.is_stopped())
    }

    /// Makes the row say what the mark says.
    async fn store_mark(&mut self) -> Result<Outcome, SessionError> {
        if self.mark == self.stored {
            return Ok(Outcome::Applied);
        }
        let outcome = self.apply(&[], self.mark).await?;
        if outcome == Outcome::Applied {
            self.stored = self.mark;
        }
        Ok(outcome)
    }

    /// Lets events gather, unless somebody waits for them or there is a batch of them.
    async fn linger(&mut self, known: Position, wanted: &mut watch::Receiver<Position>) {
        let mark = self.mark.position;
        let gathered = usize::try_from(known.0 - mark.0).unwrap_or_default();
        // Until the tables are sound, everybody waits for them.
        if mark < self.goal || gathered >= self.follower.config.batch {
            return;
        }
        tokio::select! {
            biased;
            _ = wanted.wait_for(|wanted| *wanted > mark) => {}
            _ = self.follower.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(self.follower.config.linger) => {}
        }
    }

    /// Applies a batch; stops the projection at an event that cannot be applied, which also moves the row.
    async fn apply(
        &mut self,
        events: &[Arc<RecordedEvent>],
        to: Point,
    ) -> Result<Outcome, SessionError> {
        let follower = &mut *self.follower;
        let slot = Slot::Live { from: self.stored };
        let applying = async {
            Ok::<_, sqlx::Error>(
                apply::batch(
                    &mut self.session.connection,
                    &*follower.projection,
                    slot,
                    events,
                    to,
                )
                .await,
            )
        };
        let applied = in_time(follower.config.apply_within, applying).await;
        let Ok(applied) = applied else {
            self.ask_for_less();
            return Err(
                ApplyError::Database(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())).into(),
            );
        };
        follower.largest = follower
            .largest
            .saturating_mul(2)
            .min(follower.config.batch.max(1));
        match applied {
            Ok(outcome) => Ok(outcome),
            Err(Failure::Transient(error)) => Err(error.into()),
            Err(Failure::Poison {
                event,
                applied,
                message,
            }) => {
                tracing::error!(
                    projection = %follower.projection.name(), position = event.position.0, event = %event.event_type, error = %message,
                    "an event cannot be applied; the projection is stopped"
                );
                self.stop_at(applied, event.position, &event_name(&event), &message)
                    .await?;
                Ok(Outcome::Moved)
            }
        }
    }

    /// However slow the database is, a smaller batch is done at last.
    fn ask_for_less(&mut self) {
        self.follower.largest = (self.follower.largest / 2).max(1);
    }

    async fn stop_at(
        &mut self,
        at: Point,
        position: Position,
        event: &str,
        message: &str,
    ) -> Result<(), SessionError> {
        let stop = Stop {
            position,
            event,
            message,
        };
        self.follower.failed_at = Some(at.position);
        let name = self.follower.projection.name();
        let stopping = checkpoint::stop_live(&mut self.session.connection, name, at, stop);
        in_time(self.follower.config.answer_within, stopping).await?;
        Ok(())
    }
}
