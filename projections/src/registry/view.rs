//! What the registry answers, now and then.

use std::fmt::Display;
use std::str::FromStr;

use chancery_ledger::{FoldError, Folds, LedgerReader, Position};
use chancery_noun::{Folded, Noun};
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Row};
use uuid::Uuid;

/// A thing, with its id and times.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<N, I = String> {
    /// Name of its stream: a text, a UUID or a number, as its noun names streams.
    pub id: I,
    /// What it is.
    pub thing: N,
    /// When its creation was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// At most so many; `None`: all.
    pub limit: Option<i64>,
    /// After so many.
    pub offset: i64,
}

/// Where the registry looks.
#[derive(Clone)]
pub enum View<'a> {
    /// At its table.
    Now(&'a PgPool),
    /// At the log up to a position. What it reads it holds in memory.
    Then(LedgerReader, Position),
}

/// Why the registry has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The database refused or was lost.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The events could not be read or folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl View<'_> {
    /// The thing of this id.
    pub async fn get<N: Noun, I: FromStr>(
        &self,
        id: impl Display + Send,
    ) -> Result<Option<Shown<N, I>>, ViewError> {
        let things = self.of_ids(&[&id.to_string()]).await?;
        Ok(things.into_iter().next())
    }

    /// The things of these ids, in the order of lists; ids that name none are left out.
    pub async fn get_many<N: Noun, I: FromStr>(
        &self,
        ids: &[impl Display + Sync],
    ) -> Result<Vec<Shown<N, I>>, ViewError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.of_ids(&ids).await
    }

    async fn of_ids<N: Noun, I: FromStr>(
        &self,
        ids: &[&str],
    ) -> Result<Vec<Shown<N, I>>, ViewError> {
        let things = match self {
            Self::Now(pool) => {
                let query = sqlx::query(include_str!("sql/get.sql"));
                shown(&query.bind(N::TYPE).bind(ids).fetch_all(*pool).await?)?
            }
            Self::Then(reader, until) => live(reader.fold_streams(ids, *until).await?),
        };
        in_order(things)
    }

    /// The thing of this name key, of an owner or of those of none; the oldest, where a name may be used twice.
    pub async fn by_name<N: Noun, I: FromStr>(
        &self,
        owner_id: Option<Uuid>,
        name_key: &str,
    ) -> Result<Option<Shown<N, I>>, ViewError> {
        let Self::Now(pool) = self else {
            let all = self.sorted::<N, I>(owner_id).await?;
            return Ok(all.into_iter().find(|shown| {
                shown.thing.owner_id() == owner_id
                    && shown.thing.name_key().as_deref() == Some(name_key)
            }));
        };
        let rows = sqlx::query(include_str!("sql/by_name.sql"))
            .bind(N::TYPE)
            .bind(owner_id.unwrap_or_default())
            .bind(name_key)
            .fetch_all(*pool)
            .await?;
        Ok(shown(&rows)?.pop())
    }

    /// The things of an owner, or all, by name, then by age.
    pub async fn list<N: Noun, I: FromStr>(
        &self,
        owner_id: Option<Uuid>,
        page: Page,
    ) -> Result<Vec<Shown<N, I>>, ViewError> {
        let Self::Now(pool) = self else {
            let skipped = usize::try_from(page.offset).unwrap_or_default();
            let limit = page.limit.and_then(|limit| usize::try_from(limit).ok());
            let all = self.sorted(owner_id).await?.into_iter().skip(skipped);
            return Ok(all.take(limit.unwrap_or(usize::MAX)).collect());
        };
        let query = match owner_id {
            None => sqlx::query(include_str!("sql/list.sql")).bind(N::TYPE),
            Some(id) => sqlx::query(include_str!("sql/list_of_owner.sql"))
                .bind(N::TYPE)
                .bind(id),
        };
        let rows = query
            .bind(page.limit)
            .bind(page.offset)
            // A plan for any limit would prepare for all rows.
            .persistent(false)
            .fetch_all(*pool)
            .await?;
        Ok(shown(&rows)?)
    }

    /// What was then, in the order of lists.
    async fn sorted<N: Noun, I: FromStr>(
        &self,
        owner_id: Option<Uuid>,
    ) -> Result<Vec<Shown<N, I>>, ViewError> {
        let Self::Then(reader, until) = self else {
            return Ok(Vec::new());
        };
        let mut all = live::<N>(reader.fold_all(*until).await?);
        all.retain(|shown| owner_id.is_none() || shown.thing.owner_id() == owner_id);
        in_order(all)
    }
}

/// The ids of at most `limit` things of a noun that ended before a time, the earliest first.
pub async fn ended<N: Noun>(
    pool: &PgPool,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/ended.sql"))
        .bind(N::TYPE)
        .bind(before)
        .bind(limit)
        .fetch_all(pool)
        .await
}

impl<N: Noun, I: FromStr> FromRow<'_, PgRow> for Shown<N, I> {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let state: &str = row.try_get("state")?;
        let shown = Shown {
            id: row.try_get("id")?,
            thing: serde_json::from_str(state)
                .map_err(|error| sqlx::Error::Decode(error.into()))?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        };
        shown.named()
    }
}

impl<N: Noun> Shown<N> {
    /// With its id as its noun has it.
    fn named<I: FromStr>(self) -> Result<Shown<N, I>, sqlx::Error> {
        let unnamed = || sqlx::Error::Decode(format!("a {} named {:?}", N::TYPE, self.id).into());
        Ok(Shown {
            id: self.id.parse().map_err(|_| unnamed())?,
            thing: self.thing,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn shown<N: Noun, I: FromStr>(rows: &[PgRow]) -> Result<Vec<Shown<N, I>>, sqlx::Error> {
    rows.iter().map(Shown::from_row).collect()
}

fn in_order<N: Noun, I: FromStr>(mut things: Vec<Shown<N>>) -> Result<Vec<Shown<N, I>>, ViewError> {
    things.sort_by_cached_key(|shown| {
        let name_key = shown.thing.name_key().unwrap_or_default();
        (name_key, shown.created_at, shown.id.clone())
    });
    let named: Result<_, _> = things.into_iter().map(Shown::named).collect();
    Ok(named?)
}

fn live<N: Noun>(folds: Folds<N>) -> Vec<Shown<N>> {
    let live = |(id, folded): (String, Folded<N>)| {
        Some(Shown {
            id,
            thing: folded.life.into_live()?,
            created_at: folded.created_at,
            updated_at: folded.updated_at,
        })
    };
    folds.into_iter().filter_map(live).collect()
}
