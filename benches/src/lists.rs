//! First pages of lists on a large deployment, and on a small one beside it: what grows with the data shows.

use std::time::Duration;

use anyhow::Context;
use sqlx::PgConnection;

use crate::deployment::Deployment;
use crate::get::Get;
use crate::load::{self, Window};
use crate::log;
use crate::members::{self, Size};
use crate::points::BARE_HANDLER;
use crate::processes::Watch;
use crate::report::grouped;
use crate::rounds::Rounds;
use crate::server::Program;
use crate::stages::Run;

/// Users were seen over so many days after they were made, each at a time of its own.
const SEEN_DAYS: i32 = 90;
const NOTE_SEEN: &str = "INSERT INTO user_last_seen (user_id, last_seen_at) \
    SELECT aggregate_id::uuid, recorded_at + $1 * interval '1 day' * random() FROM events \
    WHERE aggregate_type = 'user' AND sequence = 1 ON CONFLICT (user_id) DO NOTHING";
const SEEN_AT: &str = "SELECT to_char(percentile_disc($1::float8) WITHIN GROUP (ORDER BY last_seen_at) AT TIME ZONE 'UTC', \
    'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM user_last_seen";
const CHECKPOINTS: &str = "SELECT min(position) FROM projection_checkpoints \
    WHERE slot = 'live' AND name IN ('organization', 'audit')";
const CATCH_UP_TIMEOUT: Duration = Duration::from_hours(1);
const POLL: Duration = Duration::from_secs(1);

/// A deployment to list.
struct Place {
    size: Size,
    program: Program,
    deployment: Deployment,
}

impl Run<'_> {
    /// Lists on the small deployment, then on the large one.
    pub async fn lists(&mut self) -> anyhow::Result<()> {
        for size in self.plan.sizes {
            let place = self.place(size).await?;
            let server = place.program.serve().await?;
            let mut connection = self.cluster.connect(size.database).await?;
            wait_for_projections(&mut connection).await?;
            log::wait_for_projections(self.cluster, size.database).await?;
            // As the server's own PostgreSQL does by and by: what the lists read is not measured while it is tidied.
            sqlx::query("VACUUM (ANALYZE)")
                .execute(&mut connection)
                .await?;
            let users = grouped(size.users as f64);
            let lists = lists(&mut connection, &place).await?;
            self.list_figures(&place, &users, lists).await?;
            let after = format!("lists of {users} users");
            self.report.memory(after, server.memory()?);
            server.stop().await?;
        }
        Ok(())
    }

    /// Makes the deployment over HTTP, and its users and groups in bulk while the server is stopped.
    async fn place(&self, size: Size) -> anyhow::Result<Place> {
        self.cluster.create_database(size.database).await?;
        let program = Program::new(self.program, self.cluster, size.database)?;
        let server = program.serve().await?;
        let deployment = Deployment::create(program.address).await?;
        server.stop().await?;
        let mut connection = self.cluster.connect(size.database).await?;
        let begun = std::time::Instant::now();
        members::seed(&mut connection, &deployment, size).await?;
        sqlx::query(NOTE_SEEN)
            .bind(SEEN_DAYS)
            .execute(&mut connection)
            .await?;
        eprintln!(
            "{} users and {} groups of {} are recorded, in {:.1} s",
            size.users,
            size.groups,
            size.members,
            begun.elapsed().as_secs_f64()
        );
        Ok(Place {
            size,
            program,
            deployment,
        })
    }

    async fn list_figures(
        &mut self,
        place: &Place,
        users: &str,
        lists: Vec<(&'static str, String)>,
    ) -> anyhow::Result<()> {
        let host = &place.deployment.app.host;
        let address = place.program.address;
        let window = Window {
            measured: self.plan.window.measured / 2,
            ..self.plan.window
        };
        let session = &place.deployment.owner_session;
        let events = log::head(self.cluster, place.size.database).await?;
        let mut measured: Vec<_> = lists.iter().map(|_| Rounds::of(1)).collect();
        for _ in 0..self.plan.rounds {
            let bare = load::run(&[address], [Get::bare_handler(host)], window).await;
            let floor = bare.rate;
            for ((name, path), rounds) in lists.iter().zip(&mut measured) {
                let get = Get::with_session(host, session, name, path);
                let watch = Watch::begin()?;
                rounds.add(load::run(&[address], [get], window).await, floor);
                rounds.add_others(watch.others()?);
            }
            if let Some(rounds) = measured.first_mut() {
                rounds.add_failures(bare);
            }
        }
        for ((name, _), rounds) in lists.into_iter().zip(measured) {
            let title = format!("{users} users: {name}");
            self.report
                .figure(rounds.figure(&title, BARE_HANDLER, (events, events)));
        }
        Ok(())
    }
}

/// What is asked for: its name and its path.
async fn lists(
    connection: &mut PgConnection,
    place: &Place,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let (size, group) = (place.size, members::group_id(0));
    let organization = format!("/api/v2/organizations/{}", place.deployment.organization_id);
    let late = seen_at(connection, 0.9).await?;
    let middle = seen_at(connection, 0.5).await?;
    let end = |count: usize| count.saturating_sub(100);
    let list = |name: &'static str, path: String| (name, path);
    let users = |query: &str| format!("/api/v2/users?limit=25{query}");
    Ok(vec![
        list("users", users("")),
        list("users found by 8 letters", users("&q=user-777")),
        list("users found by one letter", users("&q=7")),
        list(
            "users seen lately, one in ten",
            users(&format!("&q=last_seen_after:%22{late}%22")),
        ),
        list(
            "users not seen lately, one half",
            users(&format!("&q=last_seen_before:%22{middle}%22")),
        ),
        list("groups", "/api/v2/groups?limit=25".to_owned()),
        list(
            "groups, 100 members of each",
            "/api/v2/groups?limit=25&member_limit=100".to_owned(),
        ),
        list(
            "groups without members",
            "/api/v2/groups?limit=25&exclude_members=true".to_owned(),
        ),
        list(
            "members of a group",
            format!("/api/v2/groups/{group}/members?limit=25"),
        ),
        list(
            "members of a group, last page",
            format!(
                "/api/v2/groups/{group}/members?limit=25&offset={}",
                end(size.members)
            ),
        ),
        list("a whole group", format!("/api/v2/groups/{group}")),
        list(
            "organization members",
            format!("{organization}/paginated-members?limit=25"),
        ),
        list(
            "organization members, last page",
            format!(
                "{organization}/paginated-members?limit=25&offset={}",
                end(size.users)
            ),
        ),
    ])
}

/// The time until which this part of the users was last seen.
async fn seen_at(connection: &mut PgConnection, part: f64) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar(SEEN_AT)
        .bind(part)
        .fetch_one(connection)
        .await?)
}

/// Waits for the projections that take the groups' events: they may be at rest for long within one batch.
async fn wait_for_projections(connection: &mut PgConnection) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    let head: i64 = sqlx::query_scalar(log::HEAD)
        .fetch_one(&mut *connection)
        .await?;
    loop {
        let position: Option<i64> = sqlx::query_scalar(CHECKPOINTS)
            .fetch_one(&mut *connection)
            .await?;
        if position.context("there are no projections")? >= head {
            eprintln!("projected in {:.1} s", begun.elapsed().as_secs_f64());
            return Ok(());
        }
        anyhow::ensure!(
            begun.elapsed() < CATCH_UP_TIMEOUT,
            "the projections do not catch up"
        );
        tokio::time::sleep(POLL).await;
    }
}
