//! A database and services in the test's own process, for tests of what happens between two steps of an operation.

use std::net::IpAddr;
use std::sync::Arc;

use chancery_ledger::{Ledger, LedgerConfig};
use chancery_postgres::testing::{self, TestDatabase};
use chancery_projections::{Config, Projections, stream_types};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::authenticate::authenticate;
use crate::clock::Clock;
use crate::secret::Secret;
use crate::user::{self, NewFirstUser, NewUser, User};
use crate::{Caller, Guest, RequestFacts, Services, Settings};

pub(crate) const PASSWORD: &str = "Correct-Horse-Battery-9";

/// The services, with a first user called `owner`, and a clock that stands still.
pub(crate) struct World {
    pub services: Services,
    pub clock: Clock,
    pub database: Arc<TestDatabase>,
    ledger: Ledger,
}

impl World {
    pub async fn start() -> Self {
        let database = Arc::new(testing::database().await);
        Ledger::migrate(&database.pool().await).await.unwrap();
        let clock = Clock::settable(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
        let world = Self::on(database, clock).await;
        let first = NewFirstUser {
            email: "owner@example.com".to_owned(),
            username: "owner".to_owned(),
            name: String::new(),
            password: Secret::from(PASSWORD),
        };
        user::create_first(&world.guest(), first).await.unwrap();
        world
    }

    /// Another server on the same database.
    pub async fn replica(&self) -> Self {
        Self::on(Arc::clone(&self.database), self.clock.clone()).await
    }

    async fn on(database: Arc<TestDatabase>, clock: Clock) -> Self {
        let pool = database.pool().await;
        let config = LedgerConfig::default();
        let opened = Ledger::open(database.options(), pool, stream_types(), config);
        let ledger = opened.await.unwrap();
        let models = Projections::start(ledger.clone(), database.options(), Config::default());
        let models = models.await.unwrap();
        let settings = Settings {
            access_url: "https://id.example.com".to_owned(),
            server_version: "test",
            ..Settings::default()
        };
        let services = Services::start(settings, clock.clone(), ledger.clone(), models);
        Self {
            services: services.await.unwrap(),
            clock,
            database,
            ledger,
        }
    }

    pub fn guest(&self) -> Guest {
        let facts = RequestFacts {
            request_id: Uuid::nil(),
            client_address: IpAddr::from([127, 0, 0, 1]),
            method: "POST".to_owned(),
            route: None,
            user_agent: None,
        };
        Guest::new(self.services.clone(), facts)
    }

    /// Makes an active user of this name in the default organization.
    pub async fn person(&self, by: &Caller, name: &str) -> User {
        let new = NewUser {
            email: format!("{name}@example.com"),
            username: name.to_owned(),
            password: Secret::from(PASSWORD),
            status: "active".to_owned(),
            organization_ids: vec![self.services.deployment().default_organization_id],
            ..NewUser::default()
        };
        user::create(by, new).await.unwrap()
    }

    /// Signs a user in.
    pub async fn sign_in(&self, name: &str) -> Caller {
        let email = format!("{name}@example.com");
        let guest = self.guest();
        let token = user::sign_in(&guest, &email, Secret::from(PASSWORD));
        let token = token.await.unwrap();
        authenticate(&guest, &token).await.unwrap()
    }

    pub async fn stop(self) {
        self.services.stop().await;
        self.ledger.close().await;
    }
}
