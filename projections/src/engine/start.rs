//! How the engine starts: tables that are missing, then connections, then a follower per projection.

use std::sync::{Arc, Mutex};

use chancery_ledger::Ledger;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::watch;

use super::config::Config;
use super::error::StartError;
use super::follower::Follower;
use super::incarnation::Latest;
use super::mark::Marker;
use super::pool::{Gate, Pools};
use super::projection::Projection;
use super::projections::{Entry, Inner, Projections};
use super::{checkpoint, lock, schema};

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
                failed_at: None,
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
