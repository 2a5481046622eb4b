use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{Status, UserId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::copy::Rows;

const COLUMNS: i16 = 11;

/// Users that a batch creates. Nothing else concerns them until they are written, so they are written together.
pub(super) struct NewUsers(Rows);

/// One of them.
pub(super) struct NewUser<'a> {
    pub(super) id: UserId,
    pub(super) username: &'a str,
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    pub(super) login_type: LoginType,
    pub(super) status: Status,
    pub(super) roles: &'a [String],
    pub(super) search_terms: &'a [String],
    pub(super) at: DateTime<Utc>,
}

impl Default for NewUsers {
    fn default() -> Self {
        Self(Rows::new(COLUMNS))
    }
}

impl NewUsers {
    pub(super) fn add(&mut self, user: &NewUser<'_>) {
        self.0
            .begin()
            .put(user.id)
            .put(user.username)
            .put(user.email)
            .put(user.name)
            .put(user.login_type.as_str())
            .put(user.status.as_str())
            .put(user.roles)
            .put("")
            .put(user.search_terms)
            .put(user.at)
            .put(user.at);
    }

    /// Writes those that there are so far.
    pub(super) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        std::mem::take(self)
            .0
            .send(include_str!("sql/copy.sql"), connection)
            .await
    }
}
