//! What is sent of an organization, and checked.

use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::ProfilePatch;
use chancery_aggregates::text::FreeText;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::failure::{Checks, Failure};

/// What is sent of an organization. What is left out, or null, is empty in a new one and stays as it is in another.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = OrganizationRequest)]
pub struct OrganizationForm {
    /// The unique name: 1 to 32 letters and digits, with single hyphens between. Of one that exists it stays when `""`.
    pub name: Option<String>,
    /// The name shown to people; a new organization's is its name when `""`.
    pub display_name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The URL or path of an image.
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
