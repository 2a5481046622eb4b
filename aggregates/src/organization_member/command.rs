use crate::organization::OrganizationId;
use crate::user::UserId;

/// What can be asked of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Makes the user a member.
    AddOrganizationMember {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
        /// The user's roles there, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// Replaces the member's roles; a member who has them already stays as it is.
    ChangeOrganizationMemberRoles {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
        /// The user's roles there, besides the implicit `organization-member`.
        roles: Vec<String>,
    },
    /// Ends the membership.
    RemoveOrganizationMember {
        /// The organization.
        organization_id: OrganizationId,
        /// The user.
        user_id: UserId,
    },
}
