use std::collections::BTreeSet;

use uuid::Uuid;

use super::{QuotaAllowance, Source};
use crate::name::{DisplayName, Name};
use crate::text::FreeText;

/// What can be asked of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates it, without members.
    CreateGroup {
        /// The organization.
        organization_id: Uuid,
        /// Its name, unique in its organization.
        name: Name,
        /// Its name for people.
        display_name: DisplayName,
        /// The URL or path of an image; may be empty.
        avatar_url: FreeText,
        /// What each member may spend.
        quota_allowance: QuotaAllowance,
        /// Who made it.
        source: Source,
    },
    /// Creates the group of everyone in the organization. Its stream has the organization's id.
    CreateEveryoneGroup {
        /// The organization.
        organization_id: Uuid,
    },
    /// Changes it, wholly or not at all. A group that is so already stays as it is.
    UpdateGroup(UpdateGroup),
    /// Ends the membership of a user who leaves the organization. Nothing happens when the user is no member, or the
    /// group is gone.
    LeaveGroup {
        /// The user.
        user_id: Uuid,
    },
    /// Deletes it for good.
    DeleteGroup,
}

/// A change of a group. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateGroup {
    /// Its name, unique in its organization.
    pub name: Option<Name>,
    /// Its name for people.
    pub display_name: Option<DisplayName>,
    /// The URL or path of an image; may be empty.
    pub avatar_url: Option<FreeText>,
    /// What each member may spend.
    pub quota_allowance: Option<QuotaAllowance>,
    /// Who becomes a member; one who is named twice or is a member already is refused. That they belong to the
    /// organization was checked before.
    pub add: Vec<Uuid>,
    /// Who is no member any more; one who is none is passed over, and one who is also added ends outside.
    pub remove: BTreeSet<Uuid>,
}
