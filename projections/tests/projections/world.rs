//! A database, a ledger on it, and contexts with a clock and ids of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chancery_aggregates::Id;
use chancery_aggregates::Noun;
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::{Command, Organization, OrganizationId, Profile};
use chancery_aggregates::text::FreeText;
use chancery_ledger::{CommandContext, EventMetadata, Ledger, LedgerConfig, Position};
use chancery_postgres::testing::{TestCluster, TestDatabase, database};
use chancery_projections::{
    Config, Projection, ProjectionName, ProjectionStatus, Projections, RebuildError, stream_types,
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

/// Where a world lies.
pub enum Database {
    /// In a database of the cluster that all tests share.
    Shared(TestDatabase),
    /// In a cluster that the test may kill.
    Own(TestCluster),
}

impl Database {
    pub fn options(&self) -> PgConnectOptions {
        match self {
            Self::Shared(database) => database.options(),
            Self::Own(cluster) => cluster.options(),
        }
    }

    pub async fn pool(&self) -> sqlx::PgPool {
        sqlx::PgPool::connect_with(self.options()).await.unwrap()
    }
}

pub struct World {
    pub database: Database,
    pub ledger: Ledger,
    counter: AtomicU64,
}

/// Waits long enough for any machine, and polls a stopped projection's row only when nudged.
pub fn config() -> Config {
    Config {
        wait: Duration::from_mins(1),
        ..Config::default()
    }
}

pub async fn open(options: PgConnectOptions) -> Ledger {
    let pool = sqlx::PgPool::connect_with(options.clone()).await.unwrap();
    Ledger::open(options, pool, stream_types(), LedgerConfig::default())
        .await
        .unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::on(Database::Shared(database().await)).await
    }

    pub async fn on(database: Database) -> Self {
        Ledger::migrate(&database.pool().await).await.unwrap();
        let ledger = open(database.options()).await;
        Self {
            database,
            ledger,
            counter: AtomicU64::new(0),
        }
    }

    pub async fn start(&self, projections: Vec<Arc<dyn Projection>>) -> Projections {
        self.start_with(config(), projections).await
    }

    pub async fn start_with(
        &self,
        config: Config,
        projections: Vec<Arc<dyn Projection>>,
    ) -> Projections {
        Projections::start_with(
            self.ledger.clone(),
            self.database.options(),
            config,
            projections,
        )
        .await
        .unwrap()
    }

    fn next(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A new id, the same in every run.
    pub fn id<N>(&self) -> Id<N> {
        Id::new(self.uuid())
    }

    /// A new UUID, the same in every run.
    pub fn uuid(&self) -> Uuid {
        Uuid::from_u128(0xc0de_0000_0000_4000_8000_0000_0000_0000 + u128::from(self.next()))
    }

    /// A second later than the time before.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
            + TimeDelta::days(20_000)
            + TimeDelta::seconds(self.next().cast_signed())
    }

    pub fn context(&self) -> CommandContext {
        let request_id = Some(self.uuid().to_string());
        let metadata = EventMetadata {
            request_id,
            client_address: Some("192.0.2.7".to_owned()),
            user_agent: Some("curl/8".to_owned()),
            ..EventMetadata::default()
        };
        CommandContext {
            metadata,
            now: self.now(),
            append_id: self.uuid(),
        }
    }

    /// Carries a command out and returns the position of its last event.
    pub async fn execute<A: Noun>(&self, id: &str, command: A::Command) -> Position {
        self.execute_by::<A>(&self.context(), id, command).await
    }

    pub async fn execute_by<A: Noun>(
        &self,
        context: &CommandContext,
        id: &str,
        command: A::Command,
    ) -> Position {
        let executed = self.ledger.execute::<A>(id, command, context).await;
        match executed {
            Ok(executed) => executed.position.unwrap(),
            Err(error) => panic!("the command was refused: {error}"),
        }
    }

    /// Creates an organization: what the toy projection follows.
    pub async fn organization(&self, name: &str) -> Position {
        create_organization(&self.ledger, self.id(), name, &self.context()).await
    }

    /// Something that the toy projection does not follow.
    pub async fn irrelevant(&self) -> Position {
        use chancery_aggregates::login_refusal::{Command, LoginRefusal, Reason};
        let command = Command::RefuseLogin {
            email: "nobody@example.org".to_owned().into(),
            user_id: None,
            reason: Reason::UnknownUser,
        };
        self.execute::<LoginRefusal>(&self.id::<LoginRefusal>().to_string(), command)
            .await
    }

    /// Ends a session by its application name; says whether there was one.
    pub async fn terminate(&self, application_name: &str) -> bool {
        let mut connection = self.connection().await;
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
             WHERE application_name = $1 AND datname = current_database()",
        )
        .bind(application_name)
        .fetch_all(&mut connection)
        .await
        .unwrap();
        ended.contains(&true)
    }

    /// Ends every session with the database but the asking one, as a crash or a failover does.
    pub async fn terminate_all(&self) {
        sqlx::query(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&mut self.connection().await)
        .await
        .unwrap();
    }

    pub async fn connection(&self) -> sqlx::PgConnection {
        sqlx::ConnectOptions::connect(&self.database.options())
            .await
            .unwrap()
    }
}

pub async fn create_organization(
    ledger: &Ledger,
    id: OrganizationId,
    name: &str,
    context: &CommandContext,
) -> Position {
    let command = Command::CreateOrganization(Organization {
        profile: Profile {
            name: Name::organization(name).unwrap(),
            display_name: DisplayName::parse("").unwrap(),
            description: FreeText::parse("").unwrap(),
            icon: FreeText::parse("").unwrap(),
        },
        is_default: false,
    });
    let executed = ledger
        .execute::<Organization>(&id.to_string(), command, context)
        .await
        .unwrap();
    executed.position.unwrap()
}

pub async fn status(projections: &Projections, name: ProjectionName) -> ProjectionStatus {
    projections
        .status()
        .await
        .unwrap()
        .into_iter()
        .find(|status| status.name == name)
        .unwrap()
}

/// Rebuilds every projection beside its live tables and asserts that they are byte-equal.
pub async fn assert_verified(projections: &Projections) {
    for name in projections.names() {
        let verified = loop {
            match projections.verify(name, |_| {}).await {
                // A background rebuild may still be removing the tables it replaced.
                Err(RebuildError::AlreadyRunning(_)) => {}
                verified => break verified.unwrap(),
            }
        };
        assert_eq!(verified.difference, None, "{name}");
    }
}
