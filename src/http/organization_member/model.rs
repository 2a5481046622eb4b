//! The member as the API shows it (docs/contract/core.md 5).

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_operations::organization_member::Member;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::user::RoleModel;

/// A member of an organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganizationMember)]
pub struct MemberModel {
    /// The user.
    pub user_id: UserId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// When the user became a member.
    pub created_at: DateTime<Utc>,
    /// When the membership was last changed.
    pub updated_at: DateTime<Utc>,
    /// Roles in the organization; the implicit `organization-member` is not listed.
    pub roles: Vec<RoleModel>,
}

/// A member of an organization, with what lists show of the user.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganizationMemberWithUserData)]
pub struct ListedMemberModel {
    /// The user.
    pub user_id: UserId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// When the user became a member.
    pub created_at: DateTime<Utc>,
    /// When the membership was last changed.
    pub updated_at: DateTime<Utc>,
    /// Roles in the organization; the implicit `organization-member` is not listed.
    pub roles: Vec<RoleModel>,
    /// The user's name.
    pub username: String,
    /// The person's name; may be `""`.
    pub name: String,
    /// Where a picture is; `""` when there is none.
    pub avatar_url: String,
    /// The user's e-mail address.
    pub email: String,
    /// Site roles; the implicit `member` is not listed.
    pub global_roles: Vec<RoleModel>,
}

fn roles(names: Vec<String>, organization_id: OrganizationId) -> Vec<RoleModel> {
    names
        .into_iter()
        .map(|name| RoleModel::in_organization(name, organization_id))
        .collect()
}

impl From<Member> for MemberModel {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id,
            organization_id: member.organization_id,
            created_at: member.created_at,
            updated_at: member.updated_at,
            roles: roles(member.roles, member.organization_id),
        }
    }
}

impl From<Member> for ListedMemberModel {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id,
            organization_id: member.organization_id,
            created_at: member.created_at,
            updated_at: member.updated_at,
            roles: roles(member.roles, member.organization_id),
            username: member.username,
            name: member.name,
            avatar_url: String::new(),
            email: member.email,
            global_roles: member
                .site_roles
                .into_iter()
                .map(RoleModel::named)
                .collect(),
        }
    }
}
