//! Users of one organization, and groups that each have a part of them as members: the same events every time but for the
//! deployment's own ids.

use anyhow::Context;
use chancery_aggregates::group::{self, Group, GroupId, QuotaAllowance, Settings, Source};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_ledger::EventMetadata;
use sqlx::PgConnection;

use crate::deployment::Deployment;
use crate::journal::{self, Journal};
use crate::names;
use crate::seed::{metadata, record_user, user_id};

/// How many members are added to a group at once.
const ADDED_AT_ONCE: usize = 1_000;

/// How large a deployment is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its database.
    pub database: &'static str,
    /// Users, besides the owner.
    pub users: usize,
    /// Groups, besides that of everyone.
    pub groups: usize,
    /// Members of each group.
    pub members: usize,
}

/// Records the users and groups of a deployment of this size.
pub async fn seed(
    connection: &mut PgConnection,
    deployment: &Deployment,
    size: Size,
) -> anyhow::Result<()> {
    let organization_id = deployment
        .organization_id
        .parse()
        .context("the organization's id is no UUID")?;
    let by = metadata("user", organization_id, "/api/v2/groups", 0);
    let (mut users, mut groups) = (0, 0);
    journal::append(connection, |journal| {
        if users < size.users {
            record_user(journal, organization_id, users, LoginType::None, &by)?;
            users += 1;
        } else if groups < size.groups {
            record_group(journal, organization_id, groups, size, &by)?;
            groups += 1;
        } else {
            return Ok(false);
        }
        Ok(true)
    })
    .await?;
    sqlx::query("VACUUM (ANALYZE) events")
        .execute(connection)
        .await?;
    Ok(())
}

/// The id of the group with this number.
pub fn group_id(number: usize) -> GroupId {
    names::uuid("group", number).into()
}

/// A group whose members are spread evenly over the users, and not those of its neighbour.
fn record_group(
    journal: &mut Journal,
    organization_id: OrganizationId,
    number: usize,
    size: Size,
    by: &EventMetadata,
) -> anyhow::Result<()> {
    let id = group_id(number).to_string();
    let settings = Settings {
        name: Name::group(&format!("group-{number}"))?,
        display_name: DisplayName::group(&format!("Group Number {number}"))?,
        quota_allowance: QuotaAllowance::new(1)?,
        ..Settings::default()
    };
    let created = group::Event::GroupCreated(Group::new(organization_id, settings, Source::User));
    journal.next_append();
    let append = names::uuid("append of group", number);
    journal.record::<Group>(append, &id, 1, &created, by)?;
    let step = (size.users / size.members).max(1);
    let members: Vec<UserId> = (0..size.members)
        .map(|member| user_id((member * step + number) % size.users))
        .collect();
    let mut sequence = 1;
    for added in members.chunks(ADDED_AT_ONCE) {
        let mut added = added.to_vec();
        added.sort_unstable();
        sequence += 1;
        let changed = group::Event::GroupMembersChanged {
            organization_id,
            added,
            removed: Vec::new(),
        };
        journal.next_append();
        let append = names::uuid(&format!("append {sequence} of group"), number);
        journal.record::<Group>(append, &id, sequence, &changed, by)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chancery_ledger::{Ledger, LedgerConfig, Position};
    use chancery_projections::streams::stream_types;
    use sqlx::Connection;

    use super::*;

    #[tokio::test]
    async fn the_ledger_verifies_and_loads_seeded_groups() {
        let database = chancery_postgres::testing::database().await;
        let pool = database.pool().await;
        Ledger::migrate(&pool).await.unwrap();
        let mut connection = PgConnection::connect_with(&database.options())
            .await
            .unwrap();
        let size = Size {
            database: "",
            users: 3_000,
            groups: 2,
            members: 1_500,
        };
        let deployment = Deployment::unserved();
        seed(&mut connection, &deployment, size).await.unwrap();
        let ledger = Ledger::open(
            database.options(),
            pool,
            stream_types(),
            LedgerConfig::default(),
        )
        .await
        .unwrap();
        let whole = Position::START..=ledger.head();
        let verified = ledger.verify(whole, |_| ()).await.unwrap();
        assert_eq!(verified.last, Position(3_000 * 2 + 2 * 3));
        let (_, sequence) = ledger
            .load::<Group>(&group_id(1).to_string())
            .await
            .unwrap();
        assert_eq!(sequence, 3);
        ledger.close().await;
    }
}
