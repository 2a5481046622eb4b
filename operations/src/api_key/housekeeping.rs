//! What would otherwise pile up: keys that expired long ago, and stamps of keys that are no more.
//!
//! An expired key is refused by its time alone, without an event. A week later it is deleted by the server itself, with an
//! event as for any other deletion, so that read models hold no dead keys, token names become free, and a change of the
//! password has few keys to end. Any replica may do it: of two that meet on one key, one finds that it is gone.

use chancery_aggregates::api_key::{ApiKey, Command, Error};
use chancery_projections::{api_key, registry};
use chrono::{DateTime, TimeDelta, Utc};

use crate::Services;
use crate::author::Author;
use crate::failure::Failure;
use crate::leave::{Leave, Thing};
use crate::policy::{Action, PublicOperation, Resource};

/// How long an expired key stays in lists.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// Most keys that are deleted in one append: others wait for it.
const KEYS_AT_ONCE: i64 = 100;
/// Most appends in one round.
const APPENDS: usize = 20;
/// Most stamps that are looked at in one round.
const STAMPS_AT_ONCE: i64 = 1000;
/// A stamp younger than this may be of a key that a read model does not show yet.
const STAMP_KEPT: TimeDelta = TimeDelta::days(1);

/// One who tidies round by round.
#[derive(Debug, Default)]
pub struct Housekeeper {
    /// The last key whose stamp was looked at.
    looked_at: String,
}

impl Housekeeper {
    /// One round: deletes keys that expired more than [`KEPT`] ago, then forgets some of the stamps of keys that are no more.
    pub async fn tidy(&mut self, services: &Services) -> Result<(), Failure> {
        let (pool, now) = (services.pool(), services.clock().now());
        let before = now - KEPT;
        for _ in 0..APPENDS {
            let ids = registry::ended::<ApiKey>(pool, before, KEYS_AT_ONCE).await?;
            if ids.is_empty() || !clear(services, &ids, before).await? {
                break;
            }
        }
        let before = now - STAMP_KEPT;
        let looked_at = api_key::forget_uses(pool, &self.looked_at, before, STAMPS_AT_ONCE).await?;
        self.looked_at = looked_at.unwrap_or_default();
        Ok(())
    }
}

/// Keys that expired, whoever's they are.
struct Expired;

impl Thing for Expired {
    type Noun = ApiKey;

    fn resource(&self) -> Resource {
        Resource::EveryApiKey
    }

    /// They are many streams, which the unit names one by one.
    fn stream_id(&self) -> String {
        String::new()
    }

    fn action_of(_command: &Command) -> Option<Action> {
        None
    }
}

/// Deletes the keys in one append. False when there was nothing to delete, or another replica is at it.
async fn clear(
    services: &Services,
    ids: &[String],
    expired_before: DateTime<Utc>,
) -> Result<bool, Failure> {
    let (author, expired) = (Author::server(services), Expired);
    let leave = Leave::public(PublicOperation::Server, author, Action::Delete, &expired);
    let cleared = leave
        .unit_unseen(|mut unit| async move {
            for id in ids {
                let command = Command::ClearApiKey { expired_before };
                match unit.try_also::<ApiKey>(id, command).await? {
                    Ok(_) | Err(Error::NotFound) => {}
                    Err(refused) => return Err(Failure::of_refusal(&refused)),
                }
            }
            unit.done(())
        })
        .await;
    match cleared {
        Ok(((), Some(position))) => {
            services.wait_until_shown(&["api_key"], position).await?;
            Ok(true)
        }
        Ok(((), None)) | Err(Failure::Conflict) => Ok(false),
        Err(failure) => Err(failure),
    }
}
