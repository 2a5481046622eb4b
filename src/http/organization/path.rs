//! The `{organization}` of a path or query: a UUID, a name, or `default`.

use chancery_projections::organization::{self, Organization, OrganizationRef};
use uuid::Uuid;

use crate::http::{ApiError, AppState, Session};
use crate::policy::{Action, OrganizationPart, Permit, Resource};

/// A UUID's length with its hyphens; without them it could be a name.
const UUID_LENGTH: usize = 36;

/// The organization that a path names.
pub struct PathOrganization;

impl PathOrganization {
    /// The organization that `text` names, for `session`. Unknown organizations, and those that the session may not
    /// read, are 404.
    pub async fn find(
        state: &AppState,
        session: &Session,
        text: &str,
    ) -> Result<Organization, ApiError> {
        let id = Uuid::try_parse(text)
            .ok()
            .filter(|_| text.len() == UUID_LENGTH);
        let reference = match id {
            Some(id) => OrganizationRef::Id(id),
            None if text == "default" => OrganizationRef::Default,
            None => OrganizationRef::Name(text),
        };
        let organization = organization::find(state.projections.pool(), reference)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let _ = decide(
            session,
            Action::Read,
            organization.id,
            OrganizationPart::Profile,
        )?;
        Ok(organization)
    }
}

/// Whether the session may do `action` to a part of an organization.
pub fn decide(
    session: &Session,
    action: Action,
    id: Uuid,
    part: OrganizationPart,
) -> Result<Permit, ApiError> {
    session.decide(action, Resource::Organization { id, part })
}
