//! What operations work with.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_ledger::{Ledger, LedgerReader, Position};
use chancery_projections::{ProjectionStatus, Projections};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::clock::Clock;
use crate::deployment::{self, Identity};
use crate::failure::Failure;
use crate::key_use::KeyUse;
use crate::license::LicenseKey;
use crate::password::Passwords;
use crate::password_attempts::PasswordAttempts;
use crate::randomness::Randomness;
use crate::rate::Rate;
use crate::secret_use::SecretUse;
use crate::shown::Shown;

/// Lifetimes of what the server hands out (docs/contract/oauth2.md 7.5, core 3.5).
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of a signed-in session; it slides while in use.
    pub session: Duration,
    /// Of an OAuth2 access token.
    pub access_token: Duration,
    /// Of an OAuth2 refresh token.
    pub refresh_token: Duration,
    /// The longest lifetime an API token may ask for.
    pub api_token_max: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            session: DAY,
            access_token: DAY,
            refresh_token: DAY * 30,
            api_token_max: DAY * 365,
        }
    }
}

/// What an operator decides, as far as operations depend on it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The URL by which clients reach the server: the audience of tokens that are for its own API.
    pub access_url: String,
    /// Recorded with every event.
    pub server_version: &'static str,
    /// Lifetimes of what is handed out.
    pub lifetimes: Lifetimes,
    /// When users are not to be disturbed.
    pub quiet_hours: QuietHours,
    /// By which licences are signed.
    pub license_keys: Vec<LicenseKey>,
    /// How often a password may be tried for one account from one host; None: as often as anyone likes.
    pub password_attempts: Option<Rate>,
}

/// Quiet hours (contract quiet hours 3).
#[derive(Clone, Debug)]
pub struct QuietHours {
    /// The schedule of users who have none of their own.
    pub default_schedule: QuietHoursSchedule,
    /// Whether users may have schedules of their own.
    pub users_may_set: bool,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            default_schedule: QuietHoursSchedule::midnight_utc(),
            users_may_set: true,
        }
    }
}

/// How a pool of connections is used at this moment.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// Which.
    pub name: &'static str,
    /// Connections that somebody has.
    pub in_use: u32,
    /// Connections that wait for somebody.
    pub idle: u32,
    /// Connections that there may be.
    pub max: u32,
}

impl PoolUse {
    fn of(name: &'static str, pool: &PgPool) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self {
            name,
            in_use: pool.size().saturating_sub(idle),
            idle,
            max: pool.options().get_max_connections(),
        }
    }
}

/// The services. Clones share them. What can record is for this crate alone.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
    deployment: Identity,
}

struct Inner {
    settings: Settings,
    clock: Clock,
    randomness: Randomness,
    passwords: Passwords,
    password_attempts: Option<PasswordAttempts>,
    key_use: KeyUse,
    secret_use: SecretUse,
    projections: Projections,
    shown: Shown,
    ledger: Ledger,
}

impl Services {
    /// Puts the services together. A new deployment is given its identity first.
    pub async fn start(
        settings: Settings,
        clock: Clock,
        ledger: Ledger,
        projections: Projections,
    ) -> Result<Self, Failure> {
        let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let randomness = Randomness;
        let inner = Inner {
            passwords: Passwords::new(parallel, randomness)?,
            password_attempts: settings.password_attempts.map(PasswordAttempts::new),
            key_use: KeyUse::default(),
            secret_use: SecretUse::default(),
            shown: Shown::everywhere(),
            settings,
            clock,
            randomness,
            projections,
            ledger,
        };
        let mut services = Self {
            inner: Arc::new(inner),
            deployment: Identity::default(),
        };
        services.deployment = deployment::ensure(&services).await?;
        Ok(services)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Where ids and secrets come from.
    pub fn randomness(&self) -> Randomness {
        self.inner.randomness
    }

    /// The deployment's id and its default organization.
    pub fn deployment(&self) -> Identity {
        self.deployment
    }

    /// Reads the record of events.
    pub fn reader(&self) -> LedgerReader {
        self.inner.ledger.reader()
    }

    /// The last position of the record that this process knows.
    pub fn head(&self) -> Position {
        self.inner.ledger.head()
    }

    /// How many batches another server's append came before, since the start.
    pub fn lost_swaps(&self) -> u64 {
        self.inner.ledger.lost_swaps()
    }

    /// How often the database turned out to lack what this process had seen recorded.
    pub fn history_losses(&self) -> u64 {
        self.inner
            .ledger
            .lost_history()
            .map_or(0, |lost| lost.times)
    }

    /// How the connections to the database are used.
    pub fn pools(&self) -> [PoolUse; 2] {
        [
            PoolUse::of("queries", self.pool()),
            PoolUse::of("ledger", self.inner.ledger.pool()),
        ]
    }

    /// How the read models stand, asked on the way that requests go.
    pub async fn projections(&self) -> Result<Vec<ProjectionStatus>, Failure> {
        self.inner.projections.answers().await?;
        Ok(self.inner.projections.status().await?)
    }

    /// Stops the read models. Nothing that needs them is answered from here on.
    pub async fn stop(&self) {
        self.inner.projections.clone().stop().await;
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    pub(crate) fn read_models(&self) -> &Projections {
        &self.inner.projections
    }

    /// Where queries on read models are made.
    pub(crate) fn pool(&self) -> &PgPool {
        self.inner.projections.pool()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// Counts a try of a password for the account of an e-mail address from where a request came.
    pub(crate) fn check_attempt(&self, email: &str, address: IpAddr) -> Result<(), Failure> {
        match &self.inner.password_attempts {
            Some(attempts) => Ok(attempts.check(email, address)?),
            None => Ok(()),
        }
    }

    /// Forgets accounts for which no password was tried lately. To be called now and then.
    pub fn forget_quiet_accounts(&self) {
        if let Some(attempts) = &self.inner.password_attempts {
            attempts.forget_quiet();
        }
    }

    /// Writes what is noted of keys in use. When that fails it waits on.
    pub async fn write_stamps(&self) -> Result<(), Failure> {
        Ok(self.inner.key_use.flush(self.pool()).await?)
    }

    pub(crate) fn key_use(&self) -> &KeyUse {
        &self.inner.key_use
    }

    /// Notes that a client secret is used now.
    pub(crate) async fn note_secret_use(&self, secret_id: Uuid) {
        let now = self.clock().now();
        self.inner
            .secret_use
            .note(self.pool(), secret_id, now)
            .await;
    }

    /// Waits until every read model that shows events of `aggregate_types` shows those until `position`.
    pub(crate) async fn wait_until_shown(
        &self,
        aggregate_types: &[&'static str],
        position: impl Into<Option<Position>>,
    ) -> Result<(), Failure> {
        let Some(position) = position.into() else {
            return Ok(());
        };
        let (shown, projections) = (&self.inner.shown, &self.inner.projections);
        Ok(shown.wait(projections, aggregate_types, position).await?)
    }

    /// Waits until every read model that shows events of `aggregate_types` shows all that was recorded until now, by whichever server:
    /// for those that whoever records does not wait for.
    pub(crate) async fn wait_until_present_shows(
        &self,
        aggregate_types: &[&'static str],
    ) -> Result<(), Failure> {
        let present = self.ledger().now().await?;
        self.wait_until_shown(aggregate_types, present.position())
            .await
    }

    /// A lifetime in whole seconds, and its end when it begins at `now`.
    pub(crate) fn expiry(
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Result<(i64, DateTime<Utc>), Failure> {
        let seconds = i64::try_from(lifetime.as_secs()).ok();
        seconds
            .and_then(TimeDelta::try_seconds)
            .and_then(|lifetime| Some((lifetime.num_seconds(), now.checked_add_signed(lifetime)?)))
            .ok_or_else(|| Failure::internal("a lifetime is beyond the end of time"))
    }
}
