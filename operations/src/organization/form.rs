//! What is sent of an organization, and checked.

use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::ProfilePatch;
use chancery_aggregates::text::FreeText;

use crate::failure::{Checks, Failure};

/// What is sent to make or change an organization.
#[derive(Clone, Debug, Default)]
pub struct OrganizationForm {
    /// The unique name: 1 to 32 letters and digits, with single hyphens between.
    pub name: Option<String>,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// URL or site path of a picture.
    pub icon: Option<String>,
}

impl OrganizationForm {
    pub(super) fn check(&self) -> Result<ProfilePatch, Failure> {
        let mut checks = Checks::default();
        let patch = ProfilePatch {
            name: checks.sent("name", self.name.as_ref(), Name::organization),
            display_name: checks.sent(
                "display_name",
                self.display_name.as_ref(),
                DisplayName::parse,
            ),
            description: checks.sent("description", self.description.as_ref(), FreeText::parse),
            icon: checks.sent("icon", self.icon.as_ref(), FreeText::parse),
        };
        checks.pass(patch)
    }
}
