//! The group as the API shows it (docs/contract/groups.md 2).

use chancery_aggregates::group::GroupId;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_operations::group::{GroupMember, ShownGroup};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A group.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupModel {
    /// The group's id; the organization's for the group of everyone.
    pub id: GroupId,
    /// The name, unique in the organization.
    pub name: String,
    /// The name shown to people; may be `""`.
    pub display_name: String,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The members that the caller may see, by user name.
    pub members: Vec<ReducedUser>,
    /// How many members the group has, whoever may see them.
    pub total_member_count: i64,
    /// The URL or path of an image; may be `""`.
    pub avatar_url: String,
    /// How many credits each member may spend.
    #[schema(minimum = 0)]
    pub quota_allowance: i32,
    /// `user` when made through the API, `oidc` when made by the synchronisation of groups.
    pub source: &'static str,
    /// The organization's name.
    pub organization_name: String,
    /// The organization's name shown to people; may be `""`.
    pub organization_display_name: String,
}

/// A user, as groups show them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReducedUser {
    /// The user's id.
    pub id: UserId,
    /// The unique name.
    pub username: String,
    /// Where a picture is; `""` when there is none.
    pub avatar_url: &'static str,
    /// The person's name; may be `""`.
    pub name: String,
    /// The unique e-mail address.
    pub email: String,
    /// When the user was made.
    pub created_at: DateTime<Utc>,
    /// When the user was last changed.
    pub updated_at: DateTime<Utc>,
    /// When the user was last seen, to the hour; the time of creation before that.
    pub last_seen_at: DateTime<Utc>,
    /// `active`, `dormant` or `suspended`.
    pub status: &'static str,
    /// How the user signs in.
    pub login_type: &'static str,
    /// Always `""`; kept for older clients.
    pub theme_preference: &'static str,
}

/// A page of the members of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMembersResponse)]
pub struct MembersModel {
    /// The members, by user name.
    pub users: Vec<ReducedUser>,
    /// How many there are in all that the caller may see.
    pub count: i64,
}

impl From<ShownGroup> for GroupModel {
    fn from(ShownGroup { group, members }: ShownGroup) -> Self {
        let settings = group.state.settings;
        Self {
            id: group.id,
            name: settings.name.into(),
            display_name: settings.display_name.into(),
            organization_id: group.state.organization_id,
            members: members.into_iter().map(ReducedUser::from).collect(),
            total_member_count: group.member_count,
            avatar_url: settings.avatar_url.into(),
            quota_allowance: settings.quota_allowance.credits(),
            source: group.state.source.into(),
            organization_name: group.organization_name,
            organization_display_name: group.organization_display_name,
        }
    }
}

impl From<GroupMember> for ReducedUser {
    fn from(member: GroupMember) -> Self {
        Self {
            id: member.id,
            username: member.username,
            avatar_url: "",
            name: member.name,
            email: member.email,
            created_at: member.created_at,
            updated_at: member.updated_at,
            last_seen_at: member.last_seen_at.unwrap_or(member.created_at),
            status: member.status.as_str(),
            login_type: member.login_type.as_str(),
            theme_preference: "",
        }
    }
}
