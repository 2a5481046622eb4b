//! What is sent of a group, and checked.

use chancery_aggregates::group::{QuotaAllowance, SettingsPatch};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;

use crate::failure::{Checks, Failure};

/// What is sent to make or change a group.
#[derive(Clone, Debug, Default)]
pub struct GroupForm {
    /// The name, unique in the organization: 1 to 36 letters and digits, with single hyphens between.
    pub name: Option<String>,
    /// The name shown to people; may be empty.
    pub display_name: Option<String>,
    /// URL or site path of a picture; may be empty.
    pub avatar_url: Option<String>,
    /// What each member may spend: 0 to 2^31 - 1.
    pub quota_allowance: Option<i64>,
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
