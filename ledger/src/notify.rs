//! Learning of other replicas' appends: by notification, and by asking now and then should that fail.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Executor, PgExecutor, PgPool, Row};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connections::in_time;
use crate::outage::Outage;
use crate::recent::Recent;
use crate::{LedgerConfig, Point, Position};

const REMEMBERED: &str = include_str!("sql/remembered.sql");
const CHANNEL: &str = "ledger";
const PAUSE: Duration = Duration::from_millis(500);
/// A listening connection that is silent for so long is asked whether it is still one.
const SILENCE: Duration = Duration::from_secs(10);

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
    let listening = listen(options, config.answer_within, Arc::clone(recent));
    let polling = poll(
        pool,
        config.head_poll_interval,
        config.answer_within,
        Arc::clone(recent),
    );
    let stop = stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = listening => {}
            () = polling => {}
        }
    });
}

/// Asks the database for its head and holds what this process remembers against it.
pub(crate) async fn confirm(
    executor: impl PgExecutor<'_>,
    recent: &Recent,
) -> Result<(), sqlx::Error> {
    let memory = recent.memory();
    let row = sqlx::query(REMEMBERED)
        .bind(memory.anchor.position.0)
        .fetch_one(executor)
        .await?;
    let head = Point {
        position: Position(row.try_get("position")?),
        hash: row.try_get("hash")?,
    };
    recent.confirm(&memory, head, row.try_get("hash_there")?);
    Ok(())
}

/// The head as the database has it.
pub(crate) async fn read_head(executor: impl PgExecutor<'_>) -> Result<Point, sqlx::Error> {
    let row = sqlx::query(REMEMBERED)
        .bind(Position::START.0)
        .fetch_one(executor)
        .await?;
    Ok(Point {
        position: Position(row.try_get("position")?),
        hash: row.try_get("hash")?,
    })
}

async fn listen(options: PgConnectOptions, answer_within: Duration, recent: Arc<Recent>) {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(answer_within)
        .connect_lazy_with(options);
    let mut outage = Outage::default();
    loop {
        let Err(error) = listen_once(&pool, answer_within, &recent, &mut outage).await;
        outage.met(
            "not listening for appends of other replicas; asking instead",
            &error,
        );
        sleep(PAUSE).await;
    }
}

async fn listen_once(
    pool: &PgPool,
    answer_within: Duration,
    recent: &Recent,
    outage: &mut Outage,
) -> Result<Infallible, sqlx::Error> {
    let begin = async {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    let mut listener = in_time(answer_within, begin).await?;
    outage.over("listening for appends of other replicas again");
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(notification) => {
                let notification = notification?.ok_or(sqlx::Error::WorkerCrashed)?;
                if let Ok(position) = notification.payload().parse() {
                    recent.advance(Position(position));
                }
            }
            Err(_) => {
                in_time(answer_within, listener.execute("SELECT 1")).await?;
            }
        }
    }
}

async fn poll(pool: PgPool, period: Duration, answer_within: Duration, recent: Arc<Recent>) {
    let mut ticks = interval(period.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outage = Outage::default();
    loop {
        ticks.tick().await;
        match in_time(answer_within, confirm(&pool, &recent)).await {
            Ok(()) => outage.over("the ledger's head can be read again"),
            Err(error) => outage.met("the ledger's head cannot be read", &error),
        }
    }
}
