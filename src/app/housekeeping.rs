//! What would otherwise pile up is tidied now and then, beside requests.

use std::time::Duration;

use chancery_operations::Services;
pub use chancery_operations::api_key::{Housekeeper, KEPT};
use chancery_operations::oauth2_app::RegistrationKeeper;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_mins(1);
/// Longest time for one round.
const ROUND_WITHIN: Duration = Duration::from_mins(1);

/// Tidies until told to stop.
pub async fn run(services: Services, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut housekeeper = Housekeeper::default();
    let mut registrations = RegistrationKeeper::default();
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        match timeout(ROUND_WITHIN, housekeeper.tidy(&services)).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::warn!(%failure, "expired keys wait to be deleted"),
            Err(_) => tracing::warn!("expired keys wait to be deleted: the database is too slow"),
        }
        match timeout(ROUND_WITHIN, registrations.tidy(&services)).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::warn!(%failure, "unused registrations wait to be deleted"),
            Err(_) => {
                tracing::warn!("unused registrations wait to be deleted: the database is too slow");
            }
        }
    }
}
