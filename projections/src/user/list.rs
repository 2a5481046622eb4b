use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{Status, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{FromRow, PgPool, Postgres, Row};

use super::query::User;
use super::search_terms::{is_counted, sought_terms};

/// Which users are wanted (docs/contract/core.md 6). What is `None` excludes nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// A part of the user name or e-mail address, without regard to case.
    pub search: Option<String>,
    /// One of these statuses.
    pub statuses: Option<Vec<Status>>,
    /// At least one of these site roles.
    pub roles: Option<Vec<String>>,
    /// One of these login types.
    pub login_types: Option<Vec<LoginType>>,
    /// Last seen before; one who was never seen counts as seen when created.
    pub last_seen_before: Option<DateTime<Utc>>,
    /// Last seen after.
    pub last_seen_after: Option<DateTime<Utc>>,
    /// Created before.
    pub created_before: Option<DateTime<Utc>>,
    /// Created after.
    pub created_after: Option<DateTime<Utc>>,
    /// This user alone.
    pub only: Option<UserId>,
}

/// Which part of a list of users is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserPage {
    /// Users after this one; none when there is no such user.
    pub after_id: Option<UserId>,
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
    let found = Found::by(pool, filter).await?;
    let rows = bind(sqlx::query(include_str!("sql/list.sql")), filter, &found)
        .bind(page.after_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(pool)
        .await?;
    rows.iter().map(User::from_row).collect()
}

/// How many users match.
pub async fn count(pool: &PgPool, filter: &UserFilter) -> Result<i64, sqlx::Error> {
    if let Some(count) = kept_count(pool, filter).await? {
        return Ok(count);
    }
    let found = Found::by(pool, filter).await?;
    bind(sqlx::query(include_str!("sql/count.sql")), filter, &found)
        .fetch_one(pool)
        .await?
        .try_get(0)
}

/// The number of matches of filters that match many users, where it is kept or comes from indexes alone.
async fn kept_count(pool: &PgPool, filter: &UserFilter) -> Result<Option<i64>, sqlx::Error> {
    let everyone = UserFilter::default();
    let seen = UserFilter {
        last_seen_before: filter.last_seen_before,
        last_seen_after: filter.last_seen_after,
        ..UserFilter::default()
    };
    if *filter == everyone {
        return count_all(pool).await.map(Some);
    }
    if *filter == seen {
        return count_seen(pool, filter).await.map(Some);
    }
    let part = filter.search.as_ref().map(|part| part.to_lowercase());
    let searched = UserFilter {
        search: filter.search.clone(),
        ..everyone
    };
    match part.filter(|part| is_counted(part)) {
        Some(term) if *filter == searched => sqlx::query_scalar(include_str!("sql/count_term.sql"))
            .bind(term)
            .fetch_one(pool)
            .await
            .map(Some),
        _ => Ok(None),
    }
}

async fn count_all(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/count_all.sql"))
        .fetch_one(pool)
        .await
}

/// How many were last seen between two times, either of which may be open.
async fn count_seen(pool: &PgPool, filter: &UserFilter) -> Result<i64, sqlx::Error> {
    let later_than = async |time: DateTime<Utc>| -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(include_str!("sql/count_seen_after.sql"))
            .bind(time)
            // Which index serves depends on how long ago the time is.
            .persistent(false)
            .fetch_one(pool)
            .await
    };
    let after = match filter.last_seen_after {
        Some(time) => later_than(time).await?,
        None => count_all(pool).await?,
    };
    // Times are recorded to the microsecond.
    let too_late = match filter.last_seen_before {
        Some(time) => later_than(time - TimeDelta::microseconds(1)).await?,
        None => 0,
    };
    Ok((after - too_late).max(0))
}

/// What the filter comes to.
#[derive(Default)]
struct Found {
    part: Option<String>,
    terms: Option<Vec<String>>,
    /// The only users that can match, where they are few.
    ids: Option<Vec<UserId>>,
}

impl Found {
    async fn by(pool: &PgPool, filter: &UserFilter) -> Result<Self, sqlx::Error> {
        let part = filter.search.as_ref().map(|part| part.to_lowercase());
        let terms = part
            .as_ref()
            .map(|part| sought_terms(part))
            .filter(|terms| !terms.is_empty());
        let ids = match (filter.only, filter.last_seen_after) {
            (Some(id), _) => Some(vec![id]),
            (None, Some(time)) => few_seen_after(pool, time).await?,
            (None, None) => None,
        };
        Ok(Self { part, terms, ids })
    }
}

/// Those made or seen after a time; `None`: many.
async fn few_seen_after(
    pool: &PgPool,
    time: DateTime<Utc>,
) -> Result<Option<Vec<UserId>>, sqlx::Error> {
    /// Of many, a page is soon found in order of their names.
    const FEW: usize = 1_000;
    let limit = i64::try_from(FEW + 1).unwrap_or(i64::MAX);
    let ids: Vec<UserId> = sqlx::query_scalar(include_str!("sql/ids_seen_after.sql"))
        .bind(time)
        .bind(limit)
        .persistent(false)
        .fetch_all(pool)
        .await?;
    Ok((ids.len() <= FEW).then_some(ids))
}

/// Binds `$1` to `$10`. Planned anew each time: which index serves depends on which parameters are null.
fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    filter: &'q UserFilter,
    found: &'q Found,
) -> Query<'q, Postgres, PgArguments> {
    query
        .persistent(false)
        .bind(&found.part)
        .bind(&found.terms)
        .bind(names(filter.statuses.as_deref()))
        .bind(&filter.roles)
        .bind(names(filter.login_types.as_deref()))
        .bind(filter.last_seen_before)
        .bind(filter.last_seen_after)
        .bind(filter.created_before)
        .bind(filter.created_after)
        .bind(&found.ids)
}

fn names<T: Copy + Into<&'static str>>(wanted: Option<&[T]>) -> Option<Vec<&'static str>> {
    wanted.map(|wanted| wanted.iter().map(|one| (*one).into()).collect())
}
