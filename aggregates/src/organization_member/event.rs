use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened to a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The user became a member.
    OrganizationMemberAdded {
        /// The organization.
        organization_id: Uuid,
        /// The user.
        user_id: Uuid,
        /// The user's roles there, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// The member's roles were replaced.
    OrganizationMemberRolesChanged {
        /// The organization.
        organization_id: Uuid,
        /// The user.
        user_id: Uuid,
        /// The user's roles there from now on, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// The user is no longer a member of the organization, nor of any of its groups.
    OrganizationMemberRemoved {
        /// The organization.
        organization_id: Uuid,
        /// The user.
        user_id: Uuid,
    },
}

domain_event!(Event {
    OrganizationMemberAdded => "organization_member_added" @ "1.0",
    OrganizationMemberRolesChanged => "organization_member_roles_changed" @ "1.0",
    OrganizationMemberRemoved => "organization_member_removed" @ "1.0",
});
