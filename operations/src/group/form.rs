//! What is sent of a group, and checked.

use chancery_aggregates::group::{QuotaAllowance, SettingsPatch};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::failure::{Checks, Failure};
use crate::form::null_as_default;

/// What is sent of a group. What is left out, or null, is empty in a new one and stays as it is in another.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = GroupRequest)]
pub struct GroupForm {
    /// The name, unique in the organization: 1 to 36 letters and digits, with single hyphens between. Of one that exists it stays
    /// when `""`.
    pub name: Option<String>,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// The URL or path of an image.
    pub avatar_url: Option<String>,
    /// How many credits each member may spend.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub quota_allowance: Option<i64>,
}

/// What is to change of a group.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchGroupRequest)]
pub struct GroupChangeForm {
    /// What changes of its settings.
    #[serde(flatten)]
    pub settings: GroupForm,
    /// Who becomes a member: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    pub add_users: Vec<String>,
    /// Who is no member any more: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    pub remove_users: Vec<String>,
}

impl GroupForm {
    pub(super) fn check(&self) -> Result<SettingsPatch, Failure> {
        let mut checks = Checks::default();
        let quota_allowance = self.quota_allowance.map(QuotaAllowance::new).transpose();
        let patch = SettingsPatch {
            name: checks.sent("name", self.name.as_ref(), Name::group),
            display_name: checks.sent(
                "display_name",
                self.display_name.as_ref(),
                DisplayName::group,
            ),
            avatar_url: checks.sent("avatar_url", self.avatar_url.as_ref(), FreeText::parse),
            quota_allowance: checks.of("quota_allowance", quota_allowance),
        };
        checks.pass(patch)
    }
}
