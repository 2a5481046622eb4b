use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::organization::OrganizationId;
use crate::user::UserId;

/// What happened to a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The user became a member.
    OrganizationMemberAdded {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
        /// The user's roles there, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// The member's roles were replaced.
    OrganizationMemberRolesChanged {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
        /// The user's roles there from now on, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// The user is no longer a member of the organization, nor of any of its groups.
    OrganizationMemberRemoved {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
    },
}
