//! Whether the database takes what is to be recorded.

use sqlx::Row;

use crate::Ledger;
use crate::connections::in_time;

const ACCESS: &str = include_str!("sql/access.sql");

/// What a database that answers lets be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// Reading: it is set to that.
    ReadOnly,
    /// Reading: it follows another.
    Standby,
}

impl Ledger {
    /// Asks the database what it lets be done.
    pub async fn access(&self) -> Result<Access, sqlx::Error> {
        let asking = sqlx::query(ACCESS).fetch_one(&self.0.pool);
        let row = in_time(self.0.config.answer_within, asking).await?;
        Ok(if row.try_get("is_standby")? {
            Access::Standby
        } else if row.try_get("is_read_only")? {
            Access::ReadOnly
        } else {
            Access::Full
        })
    }
}
