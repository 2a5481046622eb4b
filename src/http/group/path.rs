//! The group that a path names, and what a session may do to it.

use chancery_ledger::Position;
use chancery_projections::group::{self, Group, GroupRef};
use chancery_projections::organization::{self, Organizations};
use chancery_projections::user::{self, UserFilter, Users};
use sqlx::PgPool;
use uuid::Uuid;

use super::model::GroupModel;
use super::shown::{MemberLimit, with_members};
use crate::http::as_of::{self, Past};
use crate::http::organization::decide;
use crate::http::{ApiError, AppState, Session, Validation};
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
        let models = with_members(pool, session, vec![self.group], MemberLimit::All).await?;
        models.into_iter().next().ok_or_else(ApiError::not_found)
    }
}

/// How many users and memberships a deployment may have for the past of all its organizations at once.
const PAST_MAX: i64 = 20_000;

/// The tables that answer questions about the groups of an organization, or of all, as they were at a position.
pub async fn past(
    state: &AppState,
    organization_id: Option<Uuid>,
    until: Position,
) -> Result<Past, ApiError> {
    let reader = state.ledger.reader();
    let events = if let Some(id) = organization_id {
        group::history(&reader, id, until).await?
    } else {
        check_size(state).await?;
        group::whole_history(&reader, until).await?
    };
    Past::new(state, &[&Organizations, &Users], events).await
}

async fn check_size(state: &AppState) -> Result<(), ApiError> {
    let pool = state.projections.pool();
    let organizations = organization::list(pool).await?;
    let memberships: i64 = organizations.iter().map(|one| one.member_count).sum();
    let users = user::count(pool, &UserFilter::default()).await?;
    if users + memberships <= PAST_MAX {
        return Ok(());
    }
    let detail = format!(
        "Query param \"as_of\" needs \"organization\" where there are more than {PAST_MAX} users and memberships"
    );
    let validation = Validation::new(as_of::PARAMETER, detail);
    Err(ApiError::invalid_query(vec![validation]))
}
