//! Finding entries: the positions of those that match.

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_ledger::{LedgerReader, ReadError};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::facet::{self, FacetOf};
use super::noun::{self, NOUNS, ShownNoun};
use super::{AuditEntryId, AuditFilter};
use super::{entry_id, kind};
use crate::user::{self, UserRef};

/// A filter in the words of the rows.
pub(super) struct Search {
    kinds: Vec<i32>,
    user_id: Option<UserId>,
    request_id: Option<Uuid>,
    from: i64,
    /// The first position too late.
    until: i64,
    target: Option<Uuid>,
    resource: Option<Uuid>,
    /// The stream that the resource's id says, in place of the resource.
    stream: Option<(&'static str, String)>,
    /// One of these; `None`: whichever, or none.
    organizations: Option<Vec<OrganizationId>>,
}

impl Search {
    /// Looks up what a filter names. `None`: nothing can match.
    pub(super) async fn new(
        pool: &PgPool,
        filter: &AuditFilter,
    ) -> Result<Option<Self>, sqlx::Error> {
        let kinds = kind::matching(filter.resource_type.as_deref(), filter.action.as_deref());
        let Some(user_id) = user_of(pool, filter).await? else {
            return Ok(None);
        };
        if kinds.is_empty() {
            return Ok(None);
        }
        let from = match filter.date_from {
            Some(from) => last_before(pool, from).await? + 1,
            None => 0,
        };
        let until = match filter.date_to {
            Some(to) => last_before(pool, to + TimeDelta::microseconds(1)).await? + 1,
            None => i64::MAX,
        };
        let stream = filter.resource_id.and_then(|id| {
            let said = |noun: &ShownNoun| Some((noun.aggregate_type, (noun.stream_of)(id)?));
            NOUNS.values().find_map(said)
        });
        Ok(Some(Self {
            kinds,
            user_id,
            request_id: filter.request_id,
            from,
            until,
            target: filter.resource_target.as_deref().map(facet::of_name),
            resource: filter.resource_id.filter(|_| stream.is_none()),
            stream,
            organizations: organizations(filter),
        }))
    }

    /// Up to `limit` positions before one, newest first.
    pub(super) async fn positions(
        &self,
        pool: &PgPool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<i64>, sqlx::Error> {
        let until = self.until.min(before);
        if let Some((kind, id)) = &self.stream {
            return self.of_stream(pool, (kind, id), until, limit).await;
        }
        let Some(organizations) = &self.organizations else {
            return self.within(pool, None, until, limit).await;
        };
        let each = organizations
            .iter()
            .map(|id| self.within(pool, Some(*id), until, limit));
        let mut positions = futures::future::try_join_all(each).await?.concat();
        positions.sort_unstable_by(|one, other| other.cmp(one));
        positions.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(positions)
    }

    /// Those in an organization, or wherever.
    async fn within(
        &self,
        pool: &PgPool,
        organization: Option<OrganizationId>,
        until: i64,
        limit: i64,
    ) -> Result<Vec<i64>, sqlx::Error> {
        let mut facets = [
            (FacetOf::Target, self.target),
            (FacetOf::Resource, self.resource),
            (
                FacetOf::Organization,
                organization.map(OrganizationId::uuid),
            ),
        ];
        // Rows are found by the rarest, and the others looked up for each.
        let rarest = rarest(pool, &facets, limit).await?;
        let (facet_of, facet) = rarest
            .and_then(|index| facets.get_mut(index))
            .map_or((FacetOf::Target, None), |(of, facet)| (*of, facet.take()));
        let [target, resource, organization] = facets.map(|(_, facet)| facet);
        // Planned anew each time: which index serves depends on which parameters are null.
        sqlx::query_scalar(include_str!("sql/search.sql"))
            .persistent(false)
            .bind(&self.kinds)
            .bind(facet_of.number())
            .bind(facet)
            .bind(self.user_id)
            .bind(self.request_id)
            .bind(self.from)
            .bind(until)
            .bind(target)
            .bind(resource)
            .bind(organization)
            .bind(limit)
            .fetch_all(pool)
            .await
    }

    /// Those of one stream, which belongs to no organization.
    async fn of_stream(
        &self,
        pool: &PgPool,
        (aggregate_type, id): (&str, &str),
        until: i64,
        limit: i64,
    ) -> Result<Vec<i64>, sqlx::Error> {
        if self.organizations.is_some() {
            return Ok(Vec::new());
        }
        let positions: Vec<i64> = sqlx::query_scalar(include_str!("sql/stream_positions.sql"))
            .bind(aggregate_type)
            .bind(id)
            .bind(self.from)
            .bind(until)
            .bind(limit)
            .fetch_all(pool)
            .await?;
        sqlx::query_scalar(include_str!("sql/search_stream.sql"))
            .persistent(false)
            .bind(positions)
            .bind(&self.kinds)
            .bind(self.target)
            .bind(self.user_id)
            .bind(self.request_id)
            .bind(limit)
            .fetch_all(pool)
            .await
    }
}

/// The index of the facet that the fewest rows have, of those that are given. They are not compared further than up to `limit`
/// rows, which are read in any case.
async fn rarest(
    pool: &PgPool,
    facets: &[(FacetOf, Option<Uuid>)],
    limit: i64,
) -> Result<Option<usize>, sqlx::Error> {
    let given: Vec<(usize, FacetOf, Uuid)> = facets
        .iter()
        .enumerate()
        .filter_map(|(index, (of, facet))| Some((index, *of, (*facet)?)))
        .collect();
    if given.len() < 2 {
        return Ok(given.first().map(|(index, ..)| *index));
    }
    let sizes: Vec<i64> = sqlx::query_scalar(include_str!("sql/facet_sizes.sql"))
        .bind(given.iter().map(|(_, _, facet)| *facet).collect::<Vec<_>>())
        .bind(
            given
                .iter()
                .map(|(_, of, _)| of.number())
                .collect::<Vec<_>>(),
        )
        .bind(limit)
        .fetch_all(pool)
        .await?;
    let rarest = given.iter().zip(sizes);
    Ok(rarest
        .min_by_key(|(_, size)| *size)
        .map(|((index, ..), _)| *index))
}

/// The user whose entries are looked for: the inner `None`, anybody's. The outer one: nobody's.
async fn user_of(
    pool: &PgPool,
    filter: &AuditFilter,
) -> Result<Option<Option<UserId>>, sqlx::Error> {
    let named = [
        filter.username.as_deref().map(UserRef::Username),
        filter.email.as_deref().map(UserRef::Email),
    ];
    let mut user_id = filter.user_id;
    for name in named.into_iter().flatten() {
        match user::find(pool, name).await? {
            Some(user) if user_id.is_none_or(|id| id == user.id) => user_id = Some(user.id),
            Some(_) | None => return Ok(None),
        }
    }
    Ok(Some(user_id))
}

fn organizations(filter: &AuditFilter) -> Option<Vec<OrganizationId>> {
    match (filter.organization_id, &filter.organizations) {
        (Some(id), Some(seen)) if !seen.contains(&id) => Some(Vec::new()),
        (Some(id), _) => Some(vec![id]),
        (None, seen) => seen.clone(),
    }
}

/// The last position recorded before a time; 0 when there is none.
async fn last_before(pool: &PgPool, time: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/last_before.sql"))
        .bind(time)
        .fetch_one(pool)
        .await
}

/// The position of an entry, if there is one of this id that the filter's organizations let be seen: what may not be seen tells
/// nothing of its place either.
pub(super) async fn place(
    reader: &LedgerReader,
    filter: &AuditFilter,
    id: AuditEntryId,
) -> Result<Option<i64>, ReadError> {
    let position = entry_id::position(id);
    let events = reader.read_at(&[position]).await?;
    let Some(event) = events.first().filter(|event| entry_id::of(event) == id) else {
        return Ok(None);
    };
    let Some(entry) = noun::read(event)?.filter(|entry| entry.action.is_some()) else {
        return Ok(None);
    };
    let seen = organizations(filter).is_none_or(|seen| {
        entry
            .organization_id
            .is_some_and(|organization| seen.contains(&organization))
    });
    Ok(seen.then_some(position))
}
