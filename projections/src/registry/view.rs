//! What the registry answers, now and then.

use chancery_ledger::{FoldError, Folds, LedgerReader, Position};
use chancery_noun::{Folded, Noun};
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A thing, with its id and times.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<N> {
    /// Name of its stream.
    pub id: String,
    /// What it is.
    pub thing: N,
    /// When its creation was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
}

/// The things of these ids as the table has them, in any order; ids that name none are left out.
pub(crate) async fn find<N: Noun>(
    pool: &PgPool,
    ids: &[&str],
) -> Result<Vec<Shown<N>>, sqlx::Error> {
    let rows = sqlx::query(include_str!("sql/get.sql"))
        .bind(N::TYPE)
        .bind(ids)
        .fetch_all(pool)
        .await?;
    shown(&rows)
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
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// At its table.
    Now(&'a PgPool),
    /// At the log up to a position. What it reads it holds in memory.
    Then(&'a LedgerReader, Position),
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
    pub async fn get<N: Noun>(&self, id: &str) -> Result<Option<Shown<N>>, ViewError> {
        Ok(self.get_many(&[id]).await?.pop())
    }

    /// The things of these ids, in any order; ids that name none are left out.
    pub async fn get_many<N: Noun>(&self, ids: &[&str]) -> Result<Vec<Shown<N>>, ViewError> {
        match self {
            Self::Now(pool) => Ok(find(pool, ids).await?),
            Self::Then(reader, until) => Ok(live(reader.fold_streams(ids, *until).await?)),
        }
    }

    /// The thing of this name key in an organization, or of those in none; the oldest, where a name may be used twice.
    pub async fn by_name<N: Noun>(
        &self,
        organization_id: Option<Uuid>,
        name_key: &str,
    ) -> Result<Option<Shown<N>>, ViewError> {
        let Self::Now(pool) = self else {
            let all = self.sorted::<N>(organization_id).await?;
            return Ok(all.into_iter().find(|shown| {
                shown.thing.organization_id() == organization_id
                    && shown.thing.name_key().as_deref() == Some(name_key)
            }));
        };
        let rows = sqlx::query(include_str!("sql/by_name.sql"))
            .bind(N::TYPE)
            .bind(organization_id.unwrap_or_default())
            .bind(name_key)
            .fetch_all(*pool)
            .await?;
        Ok(shown(&rows)?.pop())
    }

    /// The things of an organization, or all, by name, then by age.
    pub async fn list<N: Noun>(
        &self,
        organization_id: Option<Uuid>,
        page: Page,
    ) -> Result<Vec<Shown<N>>, ViewError> {
        let Self::Now(pool) = self else {
            let skipped = usize::try_from(page.offset).unwrap_or_default();
            let limit = page.limit.and_then(|limit| usize::try_from(limit).ok());
            let all = self.sorted(organization_id).await?.into_iter();
            return Ok(all
                .skip(skipped)
                .take(limit.unwrap_or(usize::MAX))
                .collect());
        };
        let query = match organization_id {
            None => sqlx::query(include_str!("sql/list.sql")).bind(N::TYPE),
            Some(id) => sqlx::query(include_str!("sql/list_of_organization.sql"))
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
    async fn sorted<N: Noun>(
        &self,
        organization_id: Option<Uuid>,
    ) -> Result<Vec<Shown<N>>, ViewError> {
        let Self::Then(reader, until) = self else {
            return Ok(Vec::new());
        };
        let mut all = live::<N>(reader.fold_all(*until).await?);
        all.retain(|shown| {
            organization_id.is_none() || shown.thing.organization_id() == organization_id
        });
        all.sort_by_cached_key(|shown| {
            let name_key = shown.thing.name_key().unwrap_or_default();
            (name_key, shown.created_at, shown.id.clone())
        });
        Ok(all)
    }
}

fn shown<N: Noun>(rows: &[PgRow]) -> Result<Vec<Shown<N>>, sqlx::Error> {
    let shown = |row: &PgRow| {
        let state: &str = row.try_get("state")?;
        Ok(Shown {
            id: row.try_get("id")?,
            thing: serde_json::from_str(state)
                .map_err(|error| sqlx::Error::Decode(error.into()))?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    };
    rows.iter().map(shown).collect()
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
