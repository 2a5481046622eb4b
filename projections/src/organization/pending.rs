use std::collections::BTreeMap;

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Counts;

/// Names that users get and memberships that begin, as long as nothing else happens in a batch: they are written
/// together. Names first: a membership takes over its user's.
#[derive(Default)]
pub(super) struct Pending {
    names: BTreeMap<UserId, String>,
    members: Vec<NewMember>,
}

struct NewMember {
    organization_id: OrganizationId,
    user_id: UserId,
    roles: Vec<String>,
    at: DateTime<Utc>,
}

impl Pending {
    pub(super) fn name(&mut self, user_id: UserId, username: &str) {
        self.names.insert(user_id, username.to_owned());
    }

    pub(super) fn member(
        &mut self,
        organization_id: OrganizationId,
        user_id: UserId,
        roles: Vec<String>,
        at: DateTime<Utc>,
    ) {
        self.members.push(NewMember {
            organization_id,
            user_id,
            roles,
            at,
        });
    }

    /// Writes what there is so far.
    pub(super) async fn write(
        &mut self,
        counts: &mut Counts,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if !self.names.is_empty() {
            let (user_ids, names): (Vec<UserId>, Vec<String>) =
                std::mem::take(&mut self.names).into_iter().unzip();
            sqlx::query(include_str!("sql/name_users.sql"))
                .bind(user_ids)
                .bind(names)
                .execute(&mut *connection)
                .await?;
        }
        let members = std::mem::take(&mut self.members);
        if members.is_empty() {
            return Ok(());
        }
        // An array of arrays would need rows of one length.
        let roles = members
            .iter()
            .map(|member| serde_json::Value::from(member.roles.clone()));
        macro_rules! column {
            ($field:ident) => {
                members
                    .iter()
                    .map(|member| member.$field)
                    .collect::<Vec<_>>()
            };
        }
        let added: Vec<OrganizationId> = sqlx::query_scalar(include_str!("sql/insert_members.sql"))
            .bind(column!(organization_id))
            .bind(column!(user_id))
            .bind(roles.collect::<Vec<_>>())
            .bind(column!(at))
            .fetch_all(connection)
            .await?;
        for organization_id in added {
            counts.organization(organization_id, 1);
        }
        Ok(())
    }
}
