use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

/// How a batch of events changes the numbers of members. Written once at its end: a row that is updated for each of
/// thousands of members would leave as many dead versions behind.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    organizations: BTreeMap<Uuid, i64>,
    groups: BTreeMap<Uuid, i64>,
}

impl Counts {
    /// An organization has so many members more.
    pub(crate) fn organization(&mut self, id: Uuid, change: i64) {
        *self.organizations.entry(id).or_default() += change;
    }

    /// A group has so many members more.
    pub(crate) fn group(&mut self, id: Uuid, change: i64) {
        *self.groups.entry(id).or_default() += change;
    }

    /// Writes the changes; those of what is gone are dropped.
    pub(crate) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        const ORGANIZATIONS: &str = include_str!("sql/add_counts.sql");
        const GROUPS: &str = include_str!("../group/sql/add_counts.sql");
        for (statement, counts) in [(ORGANIZATIONS, self.organizations), (GROUPS, self.groups)] {
            let (ids, changes): (Vec<Uuid>, Vec<i64>) = counts
                .into_iter()
                .filter(|(_, change)| *change != 0)
                .unzip();
            if !ids.is_empty() {
                sqlx::query(statement)
                    .bind(ids)
                    .bind(changes)
                    .execute(&mut *connection)
                    .await?;
            }
        }
        Ok(())
    }
}
