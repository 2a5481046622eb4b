//! The engine's face: answers waits, rebuilds, stops.

use std::sync::{Arc, Mutex, PoisonError};

use chancery_ledger::{Ledger, Position, RecordedEvent};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgPool};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::as_of::AsOf;
use super::checkpoint;
use super::config::Config;
use super::error::{ApplyError, Behind, ProjectionError, RebuildError};
use super::incarnation::Latest;
use super::mark::{Mark, Marker, Phase};
use super::pool::Pools;
use super::projection::{Projection, ProjectionName};
use super::rebuild::{self, Progress};
use super::shadow::Context;
use super::status::{self, ProjectionStatus};
use super::verify::{self, Comparison};

/// The running projections. Clones share them.
#[derive(Clone)]
pub struct Projections {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) entries: Vec<Entry>,
    pub(super) ledger: Ledger,
    pub(super) options: PgConnectOptions,
    pub(super) pools: Pools,
    pub(super) latest: Arc<Latest>,
    pub(super) config: Config,
    pub(super) stop: watch::Sender<bool>,
    pub(super) followers: Mutex<Vec<JoinHandle<()>>>,
}

pub(super) struct Entry {
    pub(super) projection: Arc<dyn Projection>,
    pub(super) marker: Arc<Marker>,
}

impl Drop for Inner {
    /// Followers do not outlive the last handle.
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Projections {
    /// Connections on which every projection's tables are found by their unqualified names, then those of `public`.
    pub fn pool(&self) -> &PgPool {
        &self.inner.pools.queries
    }

    /// The names of the projections.
    pub fn names(&self) -> impl Iterator<Item = ProjectionName> {
        self.inner
            .entries
            .iter()
            .map(|entry| entry.projection.name())
    }

    /// Finds a projection by the text of its name.
    pub fn named(&self, name: &str) -> Option<ProjectionName> {
        self.names().find(|known| known.as_str() == name)
    }

    fn entry(&self, name: ProjectionName) -> Option<&Entry> {
        self.inner
            .entries
            .iter()
            .find(|entry| entry.projection.name() == name)
    }

    /// Waits until a projection reflects the event at `position`: read your writes. Gives up after [`Config::wait`],
    /// and at once when the projection is stopped or its old tables are frozen until a rebuild's swap.
    pub async fn wait_for(&self, name: ProjectionName, position: Position) -> Result<(), Behind> {
        let Some(entry) = self.entry(name) else {
            return Err(Behind {
                name,
                position,
                at: Position(0),
                stopped: true,
            });
        };
        if self.reflects(entry.marker.get(), position) {
            return Ok(());
        }
        let mut mark = entry.marker.subscribe();
        entry.marker.want(position);
        let reached =
            mark.wait_for(|mark| self.reflects(*mark, position) || mark.phase != Phase::Following);
        // Elapsed or not, the mark says where it is.
        let _ = tokio::time::timeout(self.inner.config.wait, reached).await;
        let mark = entry.marker.get();
        if self.reflects(mark, position) {
            return Ok(());
        }
        Err(Behind {
            name,
            position,
            at: mark.position,
            stopped: mark.phase == Phase::Stopped,
        })
    }

    /// Whether the tables reflect a position on connections of the database's present life. What a follower committed in an
    /// earlier one may be gone.
    fn reflects(&self, mark: Mark, position: Position) -> bool {
        mark.position >= position
            && mark
                .sound_in
                .is_some_and(|incarnation| self.inner.latest.is(incarnation))
    }

    /// Waits for several projections at once; the first that is behind is the error.
    pub async fn wait_for_all(
        &self,
        names: &[ProjectionName],
        position: Position,
    ) -> Result<(), Behind> {
        futures::future::try_join_all(names.iter().map(|name| self.wait_for(*name, position)))
            .await?;
        Ok(())
    }

    /// Returns when a query is answered: goes the way that requests go, and fails as they do.
    pub async fn answers(&self) -> Result<(), sqlx::Error> {
        let mut connection = self.inner.pools.queries.acquire().await?;
        let asking = connection.ping();
        chancery_ledger::in_time(self.inner.config.answer_within, asking).await
    }

    /// How every projection stands.
    pub async fn status(&self) -> Result<Vec<ProjectionStatus>, sqlx::Error> {
        let mut connection = self.inner.pools.status.acquire().await?;
        let follow = self.inner.config.follow;
        let entries = self.inner.entries.iter().map(|entry| {
            (
                &*entry.projection,
                follow.then(|| entry.marker.get().position),
            )
        });
        status::read(&mut connection, entries, self.inner.ledger.head()).await
    }

    /// Rebuilds a projection beside its live tables and swaps. Returns the position at the swap, once the old tables
    /// are removed.
    pub async fn rebuild(
        &self,
        name: ProjectionName,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Position, RebuildError> {
        let rebuilt = self.rebuild_all(&[name], progress).await?;
        rebuild::only(name, rebuilt)
    }

    /// Rebuilds several projections in one pass over the log, each as [`rebuild`](Self::rebuild) does. One that fails holds
    /// no other back; an error of the whole: nothing was begun.
    pub async fn rebuild_all(
        &self,
        names: &[ProjectionName],
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<(ProjectionName, Result<Position, RebuildError>)>, RebuildError> {
        let mut outcomes = Vec::with_capacity(names.len());
        for (name, rebuilt) in rebuild::run(self.contexts(names)?, progress).await? {
            let outcome = match rebuilt {
                Ok((position, old)) => {
                    if let Some(entry) = self.entry(name) {
                        entry.marker.nudge.notify_one();
                    }
                    old.remove().await;
                    Ok(position)
                }
                Err(error) => Err(error),
            };
            outcomes.push((name, outcome));
        }
        Ok(outcomes)
    }

    /// Rebuilds a projection beside its live tables, compares row by row, and removes what it rebuilt.
    pub async fn verify(
        &self,
        name: ProjectionName,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Comparison, RebuildError> {
        let verified = self.verify_all(&[name], progress).await?;
        rebuild::only(name, verified)
    }

    /// Verifies several projections in one pass over the log, each as [`verify`](Self::verify) does. One that fails holds no
    /// other back; an error of the whole: nothing was begun.
    pub async fn verify_all(
        &self,
        names: &[ProjectionName],
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<(ProjectionName, Result<Comparison, RebuildError>)>, RebuildError> {
        verify::run(self.contexts(names)?, progress).await
    }

    /// Lets a stopped projection try again from the event that stopped it. `false` when it was not stopped.
    pub async fn reset_error(&self, name: ProjectionName) -> Result<bool, ProjectionError> {
        let entry = self
            .entry(name)
            .ok_or_else(|| ProjectionError::Unknown(name.to_string()))?;
        let mut connection = self.inner.pools.status.acquire().await?;
        let reset = checkpoint::reset_live(&mut connection, name).await?;
        entry.marker.nudge.notify_one();
        Ok(reset)
    }

    /// Tables of the past: those of `projections` after `events`, which must be all that matter to the question.
    pub async fn as_of(
        &self,
        projections: &[&dyn Projection],
        events: Vec<RecordedEvent>,
    ) -> Result<AsOf, ApplyError> {
        AsOf::new(&self.inner.options, projections, events).await
    }

    /// Stops the followers, each after the batch it is applying, and closes the pool.
    pub async fn stop(self) {
        self.inner.stop.send_replace(true);
        let followers = std::mem::take(
            &mut *self
                .inner
                .followers
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        futures::future::join_all(followers).await;
        self.inner.pools.close().await;
    }

    fn contexts(&self, names: &[ProjectionName]) -> Result<Vec<Context>, RebuildError> {
        let context = |name: &ProjectionName| {
            let entry = self
                .entry(*name)
                .ok_or_else(|| RebuildError::Unknown(name.to_string()))?;
            Ok(Context {
                projection: Arc::clone(&entry.projection),
                ledger: self.inner.ledger.clone(),
                options: self.inner.options.clone(),
                batch: self.inner.config.rebuild_batch,
            })
        };
        names.iter().map(context).collect()
    }
}
