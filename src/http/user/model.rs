//! The user as the API shows it (docs/contract/core.md 4, groups 2).

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_operations::policy::{OrganizationRole, Role};
use chancery_operations::user::User;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserModel {
    /// The user's id.
    pub id: UserId,
    /// The unique name.
    pub username: String,
    /// Where a picture is; `""` when there is none.
    pub avatar_url: String,
    /// The person's name; may be `""`.
    pub name: String,
    /// The unique e-mail address.
    pub email: String,
    /// When the user was made.
    pub created_at: DateTime<Utc>,
    /// When the user was last changed.
    pub updated_at: DateTime<Utc>,
    /// When the user last used a key, to the hour; the time of creation before that.
    pub last_seen_at: DateTime<Utc>,
    /// `active`, `dormant` or `suspended`.
    pub status: &'static str,
    /// How the user signs in.
    pub login_type: &'static str,
    /// Always `""`; kept for older clients.
    pub theme_preference: &'static str,
    /// The organizations the user belongs to.
    pub organization_ids: Vec<OrganizationId>,
    /// Site roles; the implicit `member` is not listed.
    pub roles: Vec<RoleModel>,
}

/// A role.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SlimRole)]
pub struct RoleModel {
    /// The role's name.
    pub name: String,
    /// The name shown to people.
    pub display_name: String,
    /// The organization, for a role in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

impl RoleModel {
    /// The role called `name` in an organization.
    pub fn in_organization(name: String, organization_id: OrganizationId) -> Self {
        let display_name = OrganizationRole::from_name(&name)
            .map_or_else(|| name.clone(), |role| role.display_name().to_owned());
        Self {
            name,
            display_name,
            organization_id: Some(organization_id),
        }
    }

    /// The role called `name`.
    pub fn named(name: String) -> Self {
        let display_name = Role::from_name(&name)
            .map_or_else(|| name.clone(), |role| role.display_name().to_owned());
        Self {
            name,
            display_name,
            organization_id: None,
        }
    }
}

impl From<User> for UserModel {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            avatar_url: String::new(),
            name: user.name,
            email: user.email,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at.unwrap_or(user.created_at),
            status: user.status.as_str(),
            login_type: user.login_type.as_str(),
            theme_preference: "",
            organization_ids: user.organization_ids,
            roles: user.roles.into_iter().map(RoleModel::named).collect(),
        }
    }
}
