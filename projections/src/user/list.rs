use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Row};
use uuid::Uuid;

use super::query::{User, from_listed_row};
use super::search_terms::search_terms;

/// Which users are wanted (core.md 6). What is `None` excludes nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// A part of the user name or e-mail address, without regard to case.
    pub search: Option<String>,
    /// One of these statuses.
    pub statuses: Option<Vec<String>>,
    /// At least one of these site roles.
    pub roles: Option<Vec<String>>,
    /// One of these login types.
    pub login_types: Option<Vec<String>>,
    /// Last seen before; one who was never seen counts as seen when created.
    pub last_seen_before: Option<DateTime<Utc>>,
    /// Last seen after.
    pub last_seen_after: Option<DateTime<Utc>>,
    /// Created before.
    pub created_before: Option<DateTime<Utc>>,
    /// Created after.
    pub created_after: Option<DateTime<Utc>>,
    /// This user alone.
    pub only: Option<Uuid>,
}

/// Which part of a list of users is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserPage {
    /// Users after this one; none when there is no such user.
    pub after_id: Option<Uuid>,
    /// At most so many; `None` for all.
    pub limit: Option<i64>,
    /// Leaving out so many.
    pub offset: i64,
}

/// The users that match, by user name without regard to case.
pub async fn list(
    pool: &PgPool,
    filter: &UserFilter,
    page: UserPage,
) -> Result<Vec<User>, sqlx::Error> {
    let search = Search::of(filter);
    let rows = bind(sqlx::query(include_str!("sql/list.sql")), filter, &search)
        .bind(page.after_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(pool)
        .await?;
    rows.iter().map(from_listed_row).collect()
}

/// How many users match.
pub async fn count(pool: &PgPool, filter: &UserFilter) -> Result<i64, sqlx::Error> {
    if *filter == UserFilter::default() {
        return sqlx::query_scalar(include_str!("sql/count_all.sql"))
            .fetch_one(pool)
            .await;
    }
    let search = Search::of(filter);
    bind(sqlx::query(include_str!("sql/count.sql")), filter, &search)
        .fetch_one(pool)
        .await?
        .try_get(0)
}

struct Search {
    part: Option<String>,
    terms: Option<Vec<String>>,
}

impl Search {
    fn of(filter: &UserFilter) -> Self {
        let part = filter.search.as_ref().map(|part| part.to_lowercase());
        let terms = part
            .as_ref()
            .map(|part| search_terms(&[part.as_str()]))
            .filter(|terms| !terms.is_empty());
        Self { part, terms }
    }
}

/// Binds `$1` to `$10`. Planned anew each time: which index serves depends on which parameters are null.
fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    filter: &'q UserFilter,
    search: &'q Search,
) -> Query<'q, Postgres, PgArguments> {
    query
        .persistent(false)
        .bind(&search.part)
        .bind(&search.terms)
        .bind(&filter.statuses)
        .bind(&filter.roles)
        .bind(&filter.login_types)
        .bind(filter.last_seen_before)
        .bind(filter.last_seen_after)
        .bind(filter.created_before)
        .bind(filter.created_after)
        .bind(filter.only)
}
