//! Learning of other replicas' appends: by notification, and by asking now and then should that fail.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::recent::Recent;
use crate::{LedgerConfig, Position, reader};

const CHANNEL: &str = "ledger";
const PAUSE: Duration = Duration::from_millis(500);

/// Starts the tasks that keep the known head up to date, until `stop`.
pub(crate) fn follow_head(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    options: PgConnectOptions,
    pool: PgPool,
    config: &LedgerConfig,
    recent: &Arc<Recent>,
) {
    let options = options.application_name(&config.application_name);
    let listening = listen(options, Arc::clone(recent));
    let polling = poll(pool, config.head_poll_interval, Arc::clone(recent));
    let stop = stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = listening => {}
            () = polling => {}
        }
    });
}

async fn listen(options: PgConnectOptions, recent: Arc<Recent>) {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options);
    loop {
        let Err(error) = listen_once(&pool, &recent).await;
        tracing::warn!(%error, "not listening for appends of other replicas; asking instead");
        sleep(PAUSE).await;
    }
}

async fn listen_once(pool: &PgPool, recent: &Recent) -> Result<Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if let Ok(position) = notification.payload().parse() {
            recent.advance(Position(position));
        }
    }
}

async fn poll(pool: PgPool, period: Duration, recent: Arc<Recent>) {
    let mut ticks = interval(period.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match reader::read_head(&pool).await {
            Ok(head) => recent.advance(head),
            Err(error) => tracing::warn!(%error, "the ledger's head cannot be read"),
        }
    }
}
