//! What is done now and then, beside requests.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::UPKEEP_EVERY;
use crate::http::base::{AppState, outage};

/// Longest time that the database may take to write stamps.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Writes stamps until told to stop; then writes the last ones.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        write_stamps(&state).await;
        outage::settle();
    }
    write_stamps(&state).await;
}

async fn write_stamps(state: &AppState) {
    match timeout(WRITTEN_WITHIN, state.services.write_stamps()).await {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => tracing::debug!(%failure, "stamps of key use wait for the database"),
        Err(_) => tracing::debug!("stamps of key use wait for the database: it is too slow"),
    }
}
