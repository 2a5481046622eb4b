//! A follower: one task that keeps one projection's live tables up with the ledger.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::{Ledger, Outage, Position, ReadError, in_time};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use super::checkpoint::{self, Checkpoint, Standing, Stop};
use super::config::Config;
use super::error::{ApplyError, RebuildError};
use super::following::Following;
use super::incarnation::{Incarnation, Latest};
use super::mark::{Mark, Marker, Phase};
use super::projection::Projection;
use super::shadow::Context;
use super::{connection, rebuild, schema};

/// How often a replica that was superseded by one of another version reads the checkpoint row.
const OBSERVE_EVERY: Duration = Duration::from_millis(100);

/// What ends a session with the database; the follower starts another after a pause.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Rebuild(RebuildError),
    #[error("the database was restarted")]
    Superseded,
}

/// What a follower needs.
pub(super) struct Follower {
    pub(super) projection: Arc<dyn Projection>,
    pub(super) ledger: Ledger,
    pub(super) options: PgConnectOptions,
    pub(super) config: Config,
    pub(super) marker: Arc<Marker>,
    pub(super) latest: Arc<Latest>,
    /// Most events applied at once: fewer than configured while the database is too slow for them.
    pub(super) largest: usize,
    /// Where the tables stood when an event came that this program cannot apply.
    pub(super) failed_at: Option<Position>,
    pub(super) stop: watch::Receiver<bool>,
}

/// A follower's connection.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) incarnation: Incarnation,
}

impl Follower {
    /// Follows until told to stop.
    pub(super) async fn run(mut self) {
        const FIRST_BACKOFF: Duration = Duration::from_millis(50);
        let mut backoff = FIRST_BACKOFF;
        let mut outage = Outage::default();
        // Whether the tables were once of this program's version: then another version means a newer replica.
        let mut served = false;
        while !self.stopping() {
            let before = self.marker.get().position;
            let ended = self.session(&mut served, &mut outage).await;
            self.marker.doubt();
            let Err(error) = ended else {
                continue;
            };
            if !matches!(error, SessionError::Superseded) {
                let what = "a follower lost its session; trying again";
                outage.met_by(Some(self.projection.name().as_str()), what, &error);
            }
            if self.marker.get().position > before {
                backoff = FIRST_BACKOFF;
            }
            self.pause(backoff).await;
            backoff = (backoff * 2).min(self.config.longest_backoff);
        }
    }

    pub(super) fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for the time, a nudge or the end.
    pub(super) async fn pause(&mut self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.marker.nudge.notified() => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }

    /// One connection's life: reads the checkpoint row and does what it says, again and again.
    async fn session(
        &mut self,
        served: &mut bool,
        outage: &mut Outage,
    ) -> Result<(), SessionError> {
        let name = self.projection.name();
        let mut session = self.open().await?;
        outage.over_by(Some(name.as_str()), "the follower has a session again");
        while !self.stopping() {
            if !self.latest.is(session.incarnation) {
                return Err(SessionError::Superseded);
            }
            let history = self.ledger.history();
            let standing = self.look(&mut session.connection).await?;
            let row = &standing.row;
            let ours = row.version() == self.projection.version();
            if !standing.is_in_log() && (ours || !*served) {
                tracing::error!(
                    projection = %name, position = row.position().0,
                    "the tables reflect history that the log does not have; rebuilding beside them"
                );
                // What they show is no answer to anything.
                self.show(row, Phase::Rebuilding, None);
                self.rebuild(&mut session.connection, row).await?;
            } else if row.is_stopped() {
                if self.failed_at == Some(row.position()) || (*served && !ours) {
                    self.show(row, Phase::Stopped, Some(session.incarnation));
                    self.pause(self.config.poll).await;
                } else {
                    self.try_where_another_stopped(&mut session.connection, row)
                        .await?;
                }
            } else if ours {
                *served = true;
                Following::new(self, &mut session, &standing, history)
                    .run()
                    .await?;
            } else if *served {
                self.show(row, Phase::Following, Some(session.incarnation));
                self.pause(OBSERVE_EVERY).await;
            } else {
                tracing::info!(
                    projection = %name, from = row.version(), to = self.projection.version(),
                    "the projection's version changed; rebuilding beside the old tables"
                );
                self.show(row, Phase::Rebuilding, Some(session.incarnation));
                self.rebuild(&mut session.connection, row).await?;
            }
        }
        Ok(())
    }

    async fn open(&self) -> Result<Session, sqlx::Error> {
        let schema = schema::live(self.projection.name());
        let opening = async {
            let mut connection = connection::open(&self.options, &schema).await?;
            let incarnation = Incarnation::of(&mut connection).await?;
            Ok::<_, sqlx::Error>(Session {
                connection,
                incarnation,
            })
        };
        let session = in_time(self.config.answer_within, opening).await?;
        self.latest.meet(session.incarnation);
        Ok(session)
    }

    /// Where the tables stand, once the database's log is known to go on from what this process remembers.
    pub(super) async fn look(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Standing, sqlx::Error> {
        let looking = async {
            self.ledger.confirm(&mut *connection).await?;
            checkpoint::standing(connection, self.projection.name()).await
        };
        in_time(self.config.answer_within, looking).await
    }

    /// What stopped another process, an older build of the program most likely, need not stop this one.
    async fn try_where_another_stopped(
        &self,
        connection: &mut PgConnection,
        row: &Checkpoint,
    ) -> Result<(), sqlx::Error> {
        let name = self.projection.name();
        tracing::info!(projection = %name, position = row.position().0, "the projection was stopped; trying once more");
        in_time(
            self.config.answer_within,
            checkpoint::reset_live(connection, name),
        )
        .await?;
        Ok(())
    }

    fn show(&self, row: &Checkpoint, phase: Phase, sound_in: Option<Incarnation>) {
        self.marker.set(Mark {
            position: row.position(),
            phase,
            sound_in,
        });
    }

    /// Brings the tables to this program's version and the log's history.
    async fn rebuild(
        &mut self,
        connection: &mut PgConnection,
        row: &Checkpoint,
    ) -> Result<(), SessionError> {
        let name = self.projection.name();
        let context = Context {
            projection: Arc::clone(&self.projection),
            ledger: self.ledger.clone(),
            options: self.options.clone(),
            batch: self.config.rebuild_batch,
        };
        let (progressed, progress) = watch::channel(());
        let outcome = tokio::select! {
            outcome = rebuild::one(context, |_| { progressed.send_replace(()); }) => outcome,
            () = stalled(progress, self.config.stalled_after) => {
                return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into());
            }
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
                let stop = Stop {
                    position,
                    event: &event,
                    message: &message,
                };
                self.failed_at = Some(row.position());
                checkpoint::stop_live(connection, name, row.point(), stop).await?;
                Ok(())
            }
            Err(error) => Err(SessionError::Rebuild(error)),
        }
    }
}

/// Returns when nothing was told for so long.
async fn stalled(mut progress: watch::Receiver<()>, after: Duration) {
    while let Ok(Ok(())) = tokio::time::timeout(after, progress.changed()).await {}
}
