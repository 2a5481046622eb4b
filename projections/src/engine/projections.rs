//! The engine's face: starts the followers, answers waits, rebuilds.

use std::sync::{Arc, Mutex, PoisonError};

use chancery_ledger::{Ledger, Position, RecordedEvent};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::as_of::AsOf;
use super::config::Config;
use super::error::{ApplyError, Behind, ProjectionError, RebuildError, StartError};
use super::follower::Follower;
use super::incarnation::Latest;
use super::mark::{Mark, Marker, Phase};
use super::pool::{Gate, Pools};
use super::projection::{Projection, ProjectionName};
use super::rebuild::{self, Progress};
use super::shadow::Context;
use super::status::{self, ProjectionStatus};
use super::verify::{self, Comparison};
use super::{checkpoint, lock, schema};

/// The running projections. Clones share them.
#[derive(Clone)]
pub struct Projections {
    inner: Arc<Inner>,
}

struct Inner {
    entries: Vec<Entry>,
    ledger: Ledger,
    options: PgConnectOptions,
    pools: Pools,
    latest: Arc<Latest>,
    config: Config,
    stop: watch::Sender<bool>,
    followers: Mutex<Vec<JoinHandle<()>>>,
}

struct Entry {
    projection: Arc<dyn Projection>,
    marker: Arc<Marker>,
}

impl Drop for Inner {
    /// Followers do not outlive the last handle.
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Projections {
    /// Starts every projection of this crate ([`crate::all`]). The ledger's schema must be migrated.
    pub async fn start(
        ledger: Ledger,
        options: PgConnectOptions,
        config: Config,
    ) -> Result<Self, StartError> {
        Self::start_with(ledger, options, config, crate::all()).await
    }

    /// Starts the given projections.
    pub async fn start_with(
        ledger: Ledger,
        options: PgConnectOptions,
        config: Config,
        projections: Vec<Arc<dyn Projection>>,
    ) -> Result<Self, StartError> {
        for (index, projection) in projections.iter().enumerate() {
            let name = projection.name();
            if !name.is_valid()
                || projections[..index]
                    .iter()
                    .any(|other| other.name() == name)
            {
                return Err(StartError::Name(name));
            }
        }
        if config.follow {
            let mut connection = options.connect().await?;
            for projection in &projections {
                ensure(&mut connection, &**projection)
                    .await
                    .map_err(|source| StartError::Tables {
                        name: projection.name(),
                        source,
                    })?;
            }
            connection.close().await?;
        }
        let stop = watch::Sender::new(false);
        let latest = Arc::new(Latest::new());
        let entries: Vec<Entry> = projections
            .iter()
            .map(|projection| Entry {
                projection: Arc::clone(projection),
                marker: Arc::new(Marker::new()),
            })
            .collect();
        let gate = config.follow.then(|| Gate {
            ledger: ledger.clone(),
            latest: Arc::clone(&latest),
            markers: entries
                .iter()
                .filter(|entry| entry.projection.decides())
                .map(|entry| Arc::clone(&entry.marker))
                .collect(),
        });
        let pools = Pools::open(&options, config.connections, &projections, gate.as_ref()).await?;
        let follow = |entry: &Entry| {
            let follower = Follower {
                projection: Arc::clone(&entry.projection),
                ledger: ledger.clone(),
                options: options.clone(),
                config: config.clone(),
                marker: Arc::clone(&entry.marker),
                latest: Arc::clone(&latest),
                largest: config.batch.max(1),
                stop: stop.subscribe(),
            };
            tokio::spawn(follower.run())
        };
        let followers = if config.follow {
            entries.iter().map(follow).collect()
        } else {
            Vec::new()
        };
        let inner = Inner {
            entries,
            ledger,
            options,
            pools,
            latest,
            config,
            stop,
            followers: Mutex::new(followers),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

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

/// Makes a new projection's tables, and removes what a killed rebuild or swap left.
async fn ensure(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    let name = projection.name();
    if checkpoint::live(connection, name).await?.is_none() {
        let mut transaction = connection.begin().await?;
        lock::acquire_for_transaction(&mut transaction, name).await?;
        if checkpoint::live(&mut transaction, name).await?.is_none() {
            schema::create(&mut transaction, &schema::live(name), projection).await?;
            schema::index(&mut transaction, projection).await?;
            checkpoint::insert_live(&mut transaction, name, projection.version()).await?;
        }
        transaction.commit().await?;
        return Ok(());
    }
    if schema::has_leftovers(connection, name).await? && lock::try_acquire(connection, name).await?
    {
        schema::drop(connection, &schema::shadow(name)).await?;
        schema::drop(connection, &schema::old(name)).await?;
        checkpoint::remove_rebuild(connection, name).await?;
        lock::release(connection, name).await?;
    }
    Ok(())
}
