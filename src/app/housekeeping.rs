//! What would otherwise pile up: keys that expired long ago, and stamps of keys that are no more.
//!
//! An expired key is refused by its time alone, without an event. A week later it is deleted by the server itself, with an
//! event as for any other deletion, so that read models hold no dead keys, token names become free, and a change of the
//! password has few keys to end. Any replica may do it: of two that meet on one key, one finds that it is gone.

use std::time::Duration;

use chancery_aggregates::api_key::{ApiKey, Command, Error};
use chancery_ledger::{AppendError, CommandContext, ExecuteError, Position};
use chancery_projections::{ProjectionName, api_key};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::http::command_context::metadata_of;
use crate::http::{Actor, ApiError, AppState};
use crate::policy::{self, PublicOperation};

/// How long an expired key stays in lists.
pub const KEPT: TimeDelta = TimeDelta::days(7);

const EVERY: Duration = Duration::from_mins(1);
/// Most keys that are deleted in one append: others wait for it.
const KEYS_AT_ONCE: i64 = 100;
/// Most appends in one round.
const APPENDS: usize = 20;
/// Most stamps that are looked at in one round.
const STAMPS_AT_ONCE: i64 = 1000;
/// A stamp younger than this may be of a key that a read model does not show yet.
const STAMP_KEPT: TimeDelta = TimeDelta::days(1);

/// Tidies until told to stop.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut housekeeper = Housekeeper::default();
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = housekeeper.tidy(&state).await {
            tracing::warn!(message = %error.body.message, "expired keys wait to be deleted");
        }
    }
}

/// One who tidies round by round.
#[derive(Debug, Default)]
pub struct Housekeeper {
    /// The last key whose stamp was looked at.
    looked_at: String,
}

impl Housekeeper {
    /// One round: deletes keys that expired more than [`KEPT`] ago, then forgets some of the stamps of keys that are no more.
    pub async fn tidy(&mut self, state: &AppState) -> Result<(), ApiError> {
        let before = state.clock.now() - KEPT;
        for _ in 0..APPENDS {
            let ids = api_key::expired_ids(state.projections.pool(), before, KEYS_AT_ONCE).await?;
            let Some(position) = clear(state, &ids, before).await? else {
                break;
            };
            state.wait_for(ProjectionName::API_KEY, position).await?;
        }
        let before = state.clock.now() - STAMP_KEPT;
        let pool = state.projections.pool();
        let looked_at = api_key::forget_uses(pool, &self.looked_at, before, STAMPS_AT_ONCE).await?;
        self.looked_at = looked_at.unwrap_or_default();
        Ok(())
    }
}

/// Deletes the keys in one append. `None` when there was nothing to delete, or another replica is at it.
async fn clear(
    state: &AppState,
    ids: &[String],
    expired_before: DateTime<Utc>,
) -> Result<Option<Position>, ApiError> {
    let permit = policy::public(PublicOperation::Server);
    let now = state.clock.now();
    let context = CommandContext {
        metadata: metadata_of(&Actor::system()),
        now,
        append_id: state.randomness.uuid_at(now),
    };
    let mut unit = state.commands(&permit).unit_of_work(&context);
    for id in ids {
        match unit
            .execute::<ApiKey>(id, Command::ClearApiKey { expired_before })
            .await
        {
            Ok(_) | Err(ExecuteError::Refused(Error::NotFound)) => {}
            Err(error) => {
                return Err(ApiError::of_execute(error, |refused| {
                    ApiError::internal(&refused)
                }));
            }
        }
    }
    match unit.commit().await {
        Ok(position) => Ok(position),
        Err(AppendError::Conflict) => Ok(None),
        Err(error) => Err(ApiError::of_append(&error)),
    }
}
