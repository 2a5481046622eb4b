use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_aggregates::user::{Event, Status};
use chancery_ledger::RecordedEvent;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::search_terms::search_terms;
use crate::event::{decode, stream_uuid};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of users.
#[derive(Debug, Clone, Copy)]
pub struct Users;

impl Projection for Users {
    fn name(&self) -> ProjectionName {
        ProjectionName::USER
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["user"]
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        async move {
            let mut counts = Counts::default();
            for event in events {
                apply(event, &mut counts, connection).await?;
            }
            counts.write(connection).await
        }
        .boxed()
    }
}

/// By how much the number of users of each status changes in a batch.
#[derive(Default)]
struct Counts(BTreeMap<String, i64>);

impl Counts {
    fn add(&mut self, status: &str, users: i64) {
        *self.0.entry(status.to_owned()).or_default() += users;
    }

    async fn write(self, connection: &mut PgConnection) -> Result<(), ApplyError> {
        let (statuses, users): (Vec<_>, Vec<_>) =
            self.0.into_iter().filter(|(_, users)| *users != 0).unzip();
        if !statuses.is_empty() {
            sqlx::query(include_str!("sql/add_counts.sql"))
                .bind(statuses)
                .bind(users)
                .execute(connection)
                .await?;
        }
        Ok(())
    }
}

async fn apply(
    event: &RecordedEvent,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let id = stream_uuid(event)?;
    let at = event.recorded_at;
    match decode::<Event>(event)? {
        Event::UserCreated {
            username,
            email,
            name,
            login_type,
            status,
            roles,
            ..
        } => {
            counts.add(status.as_str(), 1);
            sqlx::query(include_str!("sql/insert.sql"))
                .bind(id)
                .bind(username.expose())
                .bind(email.expose())
                .bind(name.expose())
                .bind(login_type.as_str())
                .bind(status.as_str())
                .bind(roles)
                .bind(terms(username.expose(), email.expose()))
                .bind(at)
                .execute(connection)
                .await?;
        }
        Event::UserActivated {} => {
            set_status(id, Status::Active, at, counts, connection).await?;
        }
        Event::UserSuspended {} => {
            set_status(id, Status::Suspended, at, counts, connection).await?;
        }
        Event::PasswordChanged { .. } => {
            sqlx::query(include_str!("sql/end_credentials.sql"))
                .bind(id)
                .bind(at)
                .execute(connection)
                .await?;
        }
        Event::UserProfileUpdated { username, name, .. } => {
            let email: String = sqlx::query_scalar(include_str!("sql/update_profile.sql"))
                .bind(id)
                .bind(username.expose())
                .bind(name.expose())
                .bind(at)
                .fetch_one(&mut *connection)
                .await?;
            sqlx::query(include_str!("sql/set_search_terms.sql"))
                .bind(id)
                .bind(terms(username.expose(), &email))
                .execute(connection)
                .await?;
        }
        Event::UserRolesChanged { roles } => {
            sqlx::query(include_str!("sql/set_roles.sql"))
                .bind(id)
                .bind(roles)
                .bind(at)
                .execute(connection)
                .await?;
        }
        Event::QuietHoursScheduleSet { schedule } => {
            sqlx::query(include_str!("sql/set_quiet_hours_schedule.sql"))
                .bind(id)
                .bind(schedule)
                .bind(at)
                .execute(connection)
                .await?;
        }
        Event::UserDeleted { .. } => {
            let status: String = sqlx::query_scalar(include_str!("sql/delete.sql"))
                .bind(id)
                .fetch_one(connection)
                .await?;
            counts.add(&status, -1);
        }
    }
    Ok(())
}

async fn set_status(
    id: Uuid,
    status: Status,
    at: DateTime<Utc>,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let before: String = sqlx::query_scalar(include_str!("sql/set_status.sql"))
        .bind(id)
        .bind(status.as_str())
        .bind(at)
        .fetch_one(connection)
        .await?;
    counts.add(&before, -1);
    counts.add(status.as_str(), 1);
    Ok(())
}

fn terms(username: &str, email: &str) -> Vec<String> {
    search_terms(&[&username.to_lowercase(), &email.to_lowercase()])
}
