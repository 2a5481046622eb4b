//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chancery_aggregates::deployment::{self, Deployment};
use chancery_aggregates::user::{Account, User};
use chancery_ledger::{Ledger, Position};
use chancery_projections::{ProjectionName, Projections, Readers};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::error::ApiError;
use super::oauth2::SecretUse;
use crate::app::checkpoints::Integrity;
use crate::clock::Clock;
use crate::config::{AccessUrl, Config, Lifetimes};
use crate::metrics::Metrics;
use crate::password::Passwords;
use crate::policy::Permit;
use crate::randomness::Randomness;
use crate::rate_limit::Limiters;
use chancery_operations::key_use::KeyUse;

/// The shared state. Cloning it copies a pointer.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

/// What is behind [`AppState`].
pub struct Services {
    /// What operations work with.
    pub services: chancery_operations::Services,
    /// The settings the server was started with.
    pub config: Config,
    /// The URL by which clients reach the server.
    pub access_url: AccessUrl,
    /// The deployment's id.
    pub deployment_id: Uuid,
    /// The organization that new users belong to.
    pub default_organization_id: Uuid,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where ids and secrets come from.
    pub randomness: Randomness,
    /// Request rates.
    pub limiters: Limiters,
    /// Password hashing.
    pub passwords: Passwords,
    /// Stamps and sliding expiry of keys in use.
    pub key_use: KeyUse,
    /// Stamps of client secrets in use.
    pub secret_use: SecretUse,
    /// Counters for operators.
    pub metrics: Metrics,
    /// What is known of the record's integrity.
    pub integrity: Integrity,
    /// The read models.
    pub projections: Projections,
    /// The look-ups that nearly every request makes, many in one query.
    pub readers: Readers,
    /// The event store; commands are reached through [`Services::commands`].
    pub(crate) ledger: Ledger,
}

impl AppState {
    /// Shares `services`.
    pub fn new(services: Services) -> Self {
        Self(Arc::new(services))
    }
}

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Services {
    /// The event store, for one who may act.
    pub fn commands(&self, _permit: &Permit) -> &Ledger {
        &self.ledger
    }

    /// The last position of the ledger that this process knows.
    pub fn ledger_head(&self) -> Position {
        self.ledger.head()
    }

    /// Lifetimes of what is handed out.
    pub fn lifetimes(&self) -> &Lifetimes {
        &self.config.lifetimes
    }

    /// Whether cookies carry `Secure`.
    pub fn secure_cookies(&self) -> bool {
        self.config
            .secure_cookies
            .unwrap_or_else(|| self.access_url.is_https())
    }

    /// Waits until a projection shows what was recorded at `position`; 503 when it does not in time.
    pub async fn wait_for(
        &self,
        projection: ProjectionName,
        position: impl Into<Option<Position>>,
    ) -> Result<(), ApiError> {
        let Some(position) = position.into() else {
            return Ok(());
        };
        self.projections
            .wait_for(projection, position)
            .await
            .map_err(|behind| {
                ApiError::unavailable(&behind).with_detail(
                    "What was asked for is recorded, but not shown yet: a read model is behind.",
                )
            })
    }

    /// The account of a user, as the user's stream has it: with the password's hash.
    pub async fn account(&self, user_id: Uuid) -> Result<Option<Account>, ApiError> {
        let (user, _) = self.ledger.load::<User>(&user_id.to_string()).await?;
        Ok(user.account)
    }

    /// A lifetime in whole seconds, and its end when it begins at `now`.
    pub fn expiry(
        &self,
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Result<(i64, DateTime<Utc>), ApiError> {
        let seconds = i64::try_from(lifetime.as_secs()).ok();
        seconds
            .and_then(TimeDelta::try_seconds)
            .and_then(|lifetime| Some((lifetime.num_seconds(), now.checked_add_signed(lifetime)?)))
            .ok_or_else(|| ApiError::internal("a lifetime is beyond the end of time"))
    }

    /// Whether the first user has been made.
    pub async fn has_first_user(&self) -> Result<bool, ApiError> {
        let (deployment, _) = self
            .ledger
            .load::<Deployment>(deployment::STREAM_ID)
            .await?;
        Ok(deployment.first_user_id.is_some())
    }
}
