use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::search_terms::is_counted;

/// By how much a batch of events changes the numbers of users: of each status, and of each short search term.
#[derive(Default)]
pub(super) struct Counts {
    statuses: BTreeMap<String, i64>,
    terms: BTreeMap<String, i64>,
}

impl Counts {
    /// So many users more have a status.
    pub(super) fn status(&mut self, status: &str, users: i64) {
        *self.statuses.entry(status.to_owned()).or_default() += users;
    }

    /// So many users more have these search terms.
    pub(super) fn terms(&mut self, terms: &[String], users: i64) {
        for term in terms.iter().filter(|term| is_counted(term)) {
            *self.terms.entry(term.clone()).or_default() += users;
        }
    }

    /// Writes the changes. What changed to and fro is written, too: whether there is a row must not depend on where a batch
    /// ends.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        const STATUSES: &str = include_str!("sql/add_counts.sql");
        const TERMS: &str = include_str!("sql/add_term_counts.sql");
        for (statement, counts) in [(STATUSES, self.statuses), (TERMS, self.terms)] {
            if counts.is_empty() {
                continue;
            }
            let (keys, users): (Vec<String>, Vec<i64>) = counts.into_iter().unzip();
            sqlx::query(statement)
                .bind(keys)
                .bind(users)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}
