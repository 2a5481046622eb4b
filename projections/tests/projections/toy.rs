//! A projection of organizations with a gate between applying and committing, and an event that it may not like.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chancery_ledger::RecordedEvent;
use chancery_projections::{ApplyError, Projection, ProjectionName, Projections};
use sqlx::PgConnection;
use tokio::sync::Notify;

pub const TOY: ProjectionName = ProjectionName::new("toy");

/// Holds one batch back after it was applied, before it is committed.
#[derive(Default)]
pub struct Gate {
    armed: AtomicBool,
    entered: Notify,
    release: Notify,
}

impl Gate {
    /// The next batch will be held back.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Waits until a batch is held back.
    pub async fn entered(&self) {
        self.entered.notified().await;
    }

    /// Lets it go.
    pub fn release(&self) {
        self.release.notify_one();
    }

    async fn pass(&self) {
        if self.armed.swap(false, Ordering::SeqCst) {
            self.entered.notify_one();
            self.release.notified().await;
        }
    }
}

#[derive(Clone)]
pub struct Toy {
    pub name: ProjectionName,
    pub version: i32,
    pub gate: Arc<Gate>,
    /// Whether an organization named `poison` can be applied.
    pub immune: Arc<AtomicBool>,
    /// Whether it panics at it, instead of answering an error.
    pub panics: bool,
}

impl Toy {
    pub fn new() -> Self {
        Self {
            name: TOY,
            version: 1,
            gate: Arc::default(),
            immune: Arc::default(),
            panics: false,
        }
    }

    pub fn boxed(&self) -> Arc<dyn Projection> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl Projection for Toy {
    fn name(&self) -> ProjectionName {
        self.name
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE toys (position bigint PRIMARY KEY, name text NOT NULL)"
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["organization"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        for event in events {
            let name = event.payload["name"].as_str().unwrap_or_default();
            if name == "poison" && !self.immune.load(Ordering::SeqCst) {
                assert!(!self.panics, "the toy panics");
                return Err(ApplyError::event(event, "poisoned"));
            }
            sqlx::query("INSERT INTO toys (position, name) VALUES ($1, $2)")
                .bind(event.position.0)
                .bind(name)
                .execute(&mut *connection)
                .await?;
        }
        self.gate.pass().await;
        Ok(())
    }
}

/// The names in the toy's live table, in order.
pub async fn toys(projections: &Projections) -> Vec<String> {
    sqlx::query_scalar("SELECT name FROM toys ORDER BY position")
        .fetch_all(projections.pool())
        .await
        .unwrap()
}
