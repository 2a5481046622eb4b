//! The ledger without HTTP: new grants appended in this process by so many tasks, beside the floor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context;
use chancery_aggregates::oauth2::pkce::CodeChallenge;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_grant::{Command, IssueCode, OAuth2Grant};
use chancery_ledger::{CommandContext, EventMetadata, Ledger, LedgerConfig};
use chancery_projections::streams::stream_types;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::floor::{COMMITS, Floor};
use crate::load::{Answer, Window};
use crate::names;
use crate::plan::Plan;
use crate::processes::Watch;
use crate::report::Report;
use crate::rounds::Rounds;
use crate::tally::{self, Outcome, Tally};

const DATABASE: &str = "ledger";
const TASKS: [usize; 4] = [1, 16, 64, 256];
/// pgbench gains nothing from more connections, and the cluster does not offer many more.
const MOST_CONNECTIONS: usize = 64;

/// Measures appends through the ledger crate.
pub async fn ledger(
    cluster: &Cluster,
    plan: &Plan,
    floor: &Floor<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    cluster.create_database(DATABASE).await?;
    let pool = PgPoolOptions::new()
        .connect_with(cluster.options(DATABASE))
        .await?;
    Ledger::migrate(&pool).await?;
    let now = sqlx::query_scalar("SELECT now()").fetch_one(&pool).await?;
    let ledger = Ledger::open(
        cluster.options(DATABASE),
        pool.clone(),
        stream_types(),
        LedgerConfig::default(),
    )
    .await?;
    let appends = Arc::new(Appends {
        ledger: ledger.clone(),
        template: issue_code(now)?,
        now,
        number: AtomicUsize::new(0),
    });

    let before = ledger.head().0;
    let mut measured = TASKS.map(Rounds::of);
    for _ in 0..plan.rounds {
        for rounds in &mut measured {
            let watch = Watch::begin()?;
            let connections = rounds.clients.min(MOST_CONNECTIONS);
            let floor = floor
                .run(connections, plan.window.warm_up, plan.floor)
                .await?;
            let outcome = appends.run(rounds.clients, plan.window).await;
            rounds.add(outcome, floor);
            rounds.add_others(watch.others()?);
        }
    }
    let events = (before, ledger.head().0);
    for rounds in measured {
        let floor = if rounds.clients > MOST_CONNECTIONS {
            "pgbench likewise, at 64 connections"
        } else {
            COMMITS
        };
        report.figure(rounds.figure("append through the ledger", floor, events));
    }
    drop(appends);
    ledger.close().await;
    pool.close().await;
    Ok(())
}

struct Appends {
    ledger: Ledger,
    template: IssueCode,
    now: DateTime<Utc>,
    number: AtomicUsize,
}

impl Appends {
    async fn run(self: &Arc<Self>, tasks: usize, window: Window) -> Outcome {
        let start = Instant::now() + window.warm_up;
        let end = start + window.measured;
        let mut running = JoinSet::new();
        for task in 0..tasks {
            let appends = Arc::clone(self);
            running.spawn(async move {
                let mut tally = Tally::default();
                while Instant::now() < end && !tally.is_spoilt() {
                    let begun = Instant::now();
                    match appends.once(task).await {
                        Ok(()) => tally.answer(begun, Answer::Granted),
                        Err(error) => tally.failure(error.to_string()),
                    }
                }
                tally
            });
        }
        tally::summarise(running.join_all().await, start, end)
    }

    async fn once(&self, task: usize) -> anyhow::Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let command = IssueCode {
            user_id: names::uuid("user", task).into(),
            ..self.template.clone()
        };
        let context = CommandContext {
            metadata: EventMetadata {
                actor_kind: Some("user".to_owned()),
                actor_id: Some(command.user_id.to_string()),
                client_address: Some("127.0.0.1".to_owned()),
                http_method: Some("POST".to_owned()),
                http_route: Some("/oauth2/authorize".to_owned()),
                ..EventMetadata::default()
            },
            now: self.now,
            append_id: names::uuid("append", number),
        };
        let id = names::text("grant", number, 10);
        let command = Command::IssueCode(command);
        self.ledger
            .execute_new::<OAuth2Grant>(&id, command, &context)
            .await?;
        Ok(())
    }
}

/// A code of an exclusive grant, as an MCP client asks for it.
pub fn issue_code(now: DateTime<Utc>) -> anyhow::Result<IssueCode> {
    let challenge = names::text("challenge", 0, 43);
    Ok(IssueCode {
        app_id: names::uuid("app", 0).into(),
        user_id: names::uuid("user", 0).into(),
        credential_generation: 0,
        hashed_code: HashedSecret::of("code"),
        redirect_uri: Some(
            RedirectUri::parse("http://127.0.0.1:9876/callback")
                .context("the benchmark's redirect URI")?,
        ),
        resource_uri: Some(
            Resource::parse("https://mcp.example.com/mcp").context("the benchmark's resource")?,
        ),
        code_challenge: CodeChallenge::from_parameters(Some(&challenge), Some("S256"))
            .context("the benchmark's code challenge")?,
        scope: Scope::parse("").context("the benchmark's scope")?,
        state_hash: Some(HashedSecret::of("state")),
        exclusive: true,
        code_expires_at: now + TimeDelta::minutes(10),
        issued_at: now,
    })
}
