//! The group that a path names, and what a session may do to it.

use chancery_ledger::Position;
use chancery_projections::group::{self, Group, GroupRef};
use chancery_projections::organization::Organizations;
use chancery_projections::user::Users;
use sqlx::PgPool;
use uuid::Uuid;

use super::model::GroupModel;
use crate::http::as_of::Past;
use crate::http::organization::decide;
use crate::http::{ApiError, AppState, Session};
use crate::policy::{Action, OrganizationPart, Permit};

/// A group that the session may read.
pub struct PathGroup {
    /// The group.
    pub group: Group,
    part: OrganizationPart,
}

impl PathGroup {
    /// The group of this id. A text that is no UUID is 400; unknown groups, and those that the session may not read, are
    /// 404.
    pub async fn by_id(state: &AppState, session: &Session, text: &str) -> Result<Self, ApiError> {
        let id = Uuid::try_parse(text).map_err(|_| ApiError::invalid_uuid(text))?;
        Self::find(state, session, GroupRef::Id(id)).await
    }

    /// The group that a reference names, if the session may read it; else 404.
    pub async fn find(
        state: &AppState,
        session: &Session,
        reference: GroupRef<'_>,
    ) -> Result<Self, ApiError> {
        Self::find_in(state.projections.pool(), session, reference).await
    }

    /// As [`find`](Self::find), in the tables of now or then.
    pub async fn find_in(
        pool: &PgPool,
        session: &Session,
        reference: GroupRef<'_>,
    ) -> Result<Self, ApiError> {
        let group = group::find(pool, reference)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let own = group::member(pool, &[group.id], session.user_id()).await?;
        let part = OrganizationPart::Group {
            is_member: own.contains_key(&group.id),
        };
        let _ = decide(session, Action::Read, group.organization_id, part)?;
        Ok(Self { group, part })
    }

    /// Leave to do `action` to the group.
    pub fn permit(&self, session: &Session, action: Action) -> Result<Permit, ApiError> {
        decide(session, action, self.group.organization_id, self.part)
    }

    /// The group with the members that the session may see.
    pub async fn model(self, state: &AppState, session: &Session) -> Result<GroupModel, ApiError> {
        self.model_in(state.projections.pool(), session).await
    }

    /// As [`model`](Self::model), from the tables of now or then.
    pub async fn model_in(self, pool: &PgPool, session: &Session) -> Result<GroupModel, ApiError> {
        let models = with_members(pool, session, vec![self.group]).await?;
        models.into_iter().next().ok_or_else(ApiError::not_found)
    }
}

/// Groups with the members that the session may see: all, or only himself.
pub async fn with_members(
    pool: &PgPool,
    session: &Session,
    groups: Vec<Group>,
) -> Result<Vec<GroupModel>, ApiError> {
    let subject = session.subject();
    let (whole, own): (Vec<&Group>, Vec<&Group>) = groups
        .iter()
        .partition(|group| subject.reads_groups_of(group.organization_id));
    let ids = |groups: Vec<&Group>| groups.into_iter().map(|group| group.id).collect::<Vec<_>>();
    let (whole, own) = (ids(whole), ids(own));
    let mut members = if whole.is_empty() {
        std::collections::HashMap::new()
    } else {
        group::members(pool, &whole).await?
    };
    if !own.is_empty() {
        let found = group::member(pool, &own, session.user_id()).await?;
        members.extend(found.into_iter().map(|(id, member)| (id, vec![member])));
    }
    let models = groups.into_iter().map(|group| {
        let members = members.remove(&group.id).unwrap_or_default();
        GroupModel::new(group, members)
    });
    Ok(models.collect())
}

/// The tables that answer questions about the groups of an organization, as they were at a position.
pub async fn past(
    state: &AppState,
    organization_id: Uuid,
    until: Position,
) -> Result<Past, ApiError> {
    let reader = state.ledger.reader();
    let events = group::history(&reader, organization_id, until).await?;
    Past::new(state, &[&Organizations, &Users], events).await
}
