//! The organization as the API shows it (docs/contract/core.md 5).

use chancery_aggregates::organization::OrganizationId;
use chancery_operations::organization::Organization;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationModel {
    /// The organization's id, which is also that of its group of everyone.
    pub id: OrganizationId,
    /// The unique name.
    pub name: String,
    /// The name shown to people.
    pub display_name: String,
    /// Free text; may be `""`.
    pub description: String,
    /// The URL or path of an image; may be `""`.
    pub icon: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether it is the one that the deployment began with.
    pub is_default: bool,
}

impl From<Organization> for OrganizationModel {
    fn from(organization: Organization) -> Self {
        let profile = organization.thing.profile;
        Self {
            id: organization.id,
            name: profile.name.into(),
            display_name: profile.display_name.into(),
            description: profile.description.into(),
            icon: profile.icon.into(),
            created_at: organization.created_at,
            updated_at: organization.updated_at,
            is_default: organization.thing.is_default,
        }
    }
}
