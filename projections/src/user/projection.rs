use std::sync::Arc;

use async_trait::async_trait;
use chancery_aggregates::user::{Event, Status, UserId};
use chancery_ledger::RecordedEvent;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::counts::Counts;
use super::new_users::{NewUser, NewUsers};
use super::search_terms::search_terms;
use crate::event::{decode, stream_id};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of users.
#[derive(Debug, Clone, Copy)]
pub struct Users;

#[async_trait]
impl Projection for Users {
    fn name(&self) -> ProjectionName {
        ProjectionName::USER
    }

    fn version(&self) -> i32 {
        4
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn indexes(&self) -> &'static str {
        include_str!("indexes.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["user"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        let mut counts = Counts::default();
        let mut new = NewUsers::default();
        for event in events {
            apply(event, &mut counts, &mut new, connection).await?;
        }
        new.write(connection).await?;
        Ok(counts.write(connection).await?)
    }
}

async fn apply(
    event: &RecordedEvent,
    counts: &mut Counts,
    new: &mut NewUsers,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let id = stream_id(event)?;
    let at = event.recorded_at;
    let event = decode::<Event>(event)?;
    if !matches!(event, Event::UserCreated { .. }) {
        new.write(connection).await?;
    }
    match event {
        Event::UserCreated {
            username,
            email,
            name,
            login_type,
            status,
            roles,
            ..
        } => {
            let terms = terms(username.expose(), email.expose());
            counts.status(status.as_str(), 1);
            counts.terms(&terms, 1);
            new.add(&NewUser {
                id,
                username: username.expose(),
                email: email.expose(),
                name: name.expose(),
                login_type,
                status,
                roles: &roles,
                search_terms: &terms,
                at,
            });
        }
        Event::UserActivated {} => {
            set_status(id, Status::Active, at, counts, connection).await?;
        }
        Event::UserReinstated {} => {
            set_status(id, Status::Dormant, at, counts, connection).await?;
        }
        Event::UserSuspended { ends_credentials } => {
            set_status(id, Status::Suspended, at, counts, &mut *connection).await?;
            if ends_credentials {
                end_credentials(id, at, connection).await?;
            }
        }
        Event::PasswordChanged { .. } => end_credentials(id, at, connection).await?,
        Event::UserProfileUpdated {
            username,
            previous_username,
            name,
        } => {
            let email: String = sqlx::query_scalar(include_str!("sql/update_profile.sql"))
                .bind(id)
                .bind(username.expose())
                .bind(name.expose())
                .bind(at)
                .fetch_one(&mut *connection)
                .await?;
            counts.terms(&terms(previous_username.expose(), &email), -1);
            let terms = terms(username.expose(), &email);
            counts.terms(&terms, 1);
            sqlx::query(include_str!("sql/set_search_terms.sql"))
                .bind(id)
                .bind(terms)
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
            let (status, terms): (String, Vec<String>) =
                sqlx::query_as(include_str!("sql/delete.sql"))
                    .bind(id)
                    .fetch_one(&mut *connection)
                    .await?;
            counts.status(&status, -1);
            counts.terms(&terms, -1);
            sqlx::query(include_str!("sql/insert_tombstone.sql"))
                .bind(id)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

async fn end_credentials(
    id: UserId,
    at: DateTime<Utc>,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    sqlx::query(include_str!("sql/end_credentials.sql"))
        .bind(id)
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn set_status(
    id: UserId,
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
    counts.status(&before, -1);
    counts.status(status.as_str(), 1);
    Ok(())
}

fn terms(username: &str, email: &str) -> Vec<String> {
    search_terms(&[&username.to_lowercase(), &email.to_lowercase()])
}
