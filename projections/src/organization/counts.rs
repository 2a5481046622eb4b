use std::collections::BTreeMap;

use chancery_aggregates::group::GroupId;
use chancery_aggregates::organization::OrganizationId;
use chancery_noun::Id;
use sqlx::PgConnection;

/// How a batch of events changes the numbers of members. Written once at its end: a row that is updated for each of
/// thousands of members would leave as many dead versions behind.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    organizations: BTreeMap<OrganizationId, i64>,
    groups: BTreeMap<GroupId, i64>,
}

impl Counts {
    /// An organization has so many members more.
    pub(crate) fn organization(&mut self, id: OrganizationId, change: i64) {
        *self.organizations.entry(id).or_default() += change;
    }

    /// A group has so many members more.
    pub(crate) fn group(&mut self, id: GroupId, change: i64) {
        *self.groups.entry(id).or_default() += change;
    }

    /// Writes the changes; those of what is gone are dropped.
    pub(crate) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        const ORGANIZATIONS: &str = include_str!("sql/add_counts.sql");
        const GROUPS: &str = include_str!("../group/sql/add_counts.sql");
        write(ORGANIZATIONS, self.organizations, connection).await?;
        write(GROUPS, self.groups, connection).await
    }
}

async fn write<N>(
    statement: &'static str,
    counts: BTreeMap<Id<N>, i64>,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let counts = counts.into_iter();
    let (ids, changes): (Vec<Id<N>>, Vec<i64>) = counts.filter(|(_, change)| *change != 0).unzip();
    if !ids.is_empty() {
        sqlx::query(statement)
            .bind(ids)
            .bind(changes)
            .execute(connection)
            .await?;
    }
    Ok(())
}
