use std::sync::Arc;

use async_trait::async_trait;
use chancery_aggregates::organization::{self, Organization};
use chancery_aggregates::organization_member::Event as MemberEvent;
use chancery_aggregates::user;
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Counts;
use super::pending::Pending;
use crate::event::{decode, stream_id};
use crate::{ApplyError, Projection, ProjectionName, group};

/// The projection of the members of organizations and of their groups. The organizations are in the [registry](crate::registry).
#[derive(Debug, Clone, Copy)]
pub struct Organizations;

#[async_trait]
impl Projection for Organizations {
    fn name(&self) -> ProjectionName {
        ProjectionName::ORGANIZATION
    }

    fn version(&self) -> i32 {
        5
    }

    fn tables(&self) -> &'static str {
        concat!(
            include_str!("tables.sql"),
            include_str!("../group/tables.sql")
        )
    }

    fn indexes(&self) -> &'static str {
        include_str!("indexes.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["group", "organization", "organization_member", "user"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        let mut counts = Counts::default();
        let mut pending = Pending::default();
        for event in events {
            match event.aggregate_type.as_str() {
                "group" => {
                    pending.write(&mut counts, connection).await?;
                    group::apply(event, &mut counts, connection).await?;
                }
                "organization" => {
                    pending.write(&mut counts, connection).await?;
                    apply_organization(event, connection).await?;
                }
                "organization_member" => {
                    apply_member(event, &mut pending, &mut counts, connection).await?;
                }
                _ => apply_user(event, &mut pending, &mut counts, connection).await?,
            }
        }
        pending.write(&mut counts, connection).await?;
        counts.write(connection).await?;
        Ok(())
    }
}

async fn apply_organization(
    event: &RecordedEvent,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let id = stream_id(event)?;
    match decode(event)? {
        organization::Event::OrganizationCreated(Organization { profile, .. })
        | organization::Event::OrganizationUpdated { profile, .. } => {
            sqlx::query(include_str!("sql/write.sql"))
                .bind(id)
                .bind(Json(profile))
                .execute(connection)
                .await?;
        }
        organization::Event::OrganizationDeleted { name: _ } => {
            group::delete(None, Some(id), connection).await?;
            sqlx::query(include_str!("sql/delete.sql"))
                .bind(id)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

async fn apply_member(
    event: &RecordedEvent,
    pending: &mut Pending,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    match decode(event)? {
        MemberEvent::OrganizationMemberAdded {
            organization_id,
            user_id,
            roles,
        } => {
            pending.member(organization_id, user_id, roles, event.recorded_at);
        }
        MemberEvent::OrganizationMemberRolesChanged {
            organization_id,
            user_id,
            roles,
        } => {
            pending.write(counts, connection).await?;
            sqlx::query(include_str!("sql/set_member_roles.sql"))
                .bind(organization_id)
                .bind(user_id)
                .bind(roles)
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        MemberEvent::OrganizationMemberRemoved {
            organization_id,
            user_id,
        } => {
            pending.write(counts, connection).await?;
            group::depart(Some(organization_id), user_id, counts, connection).await?;
            let deleted = sqlx::query(include_str!("sql/delete_member.sql"))
                .bind(organization_id)
                .bind(user_id)
                .execute(connection)
                .await?;
            counts.organization(organization_id, -deleted.rows_affected().cast_signed());
        }
    }
    Ok(())
}

/// Members are listed by their users' names, and a deleted user belongs to nothing. Whatever else happens to users is no
/// matter here.
async fn apply_user(
    event: &RecordedEvent,
    pending: &mut Pending,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let user_id = stream_id(event)?;
    match decode(event)? {
        user::Event::UserCreated { username, .. }
        | user::Event::UserProfileUpdated { username, .. } => {
            pending.name(user_id, username.expose());
        }
        user::Event::UserDeleted { .. } => {
            pending.write(counts, connection).await?;
            sqlx::query(include_str!("sql/delete_name.sql"))
                .bind(user_id)
                .execute(&mut *connection)
                .await?;
            group::depart(None, user_id, counts, connection).await?;
            let left = sqlx::query_scalar(include_str!("sql/delete_user.sql"))
                .bind(user_id)
                .fetch_all(connection)
                .await?;
            for organization_id in left {
                counts.organization(organization_id, -1);
            }
        }
        user::Event::UserActivated {}
        | user::Event::UserSuspended { .. }
        | user::Event::UserReinstated {}
        | user::Event::PasswordChanged { .. }
        | user::Event::UserRolesChanged { .. }
        | user::Event::QuietHoursScheduleSet { .. } => {}
    }
    Ok(())
}
