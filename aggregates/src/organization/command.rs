use crate::name::{DisplayName, Name};
use crate::text::FreeText;

/// What can be asked of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates it.
    CreateOrganization {
        /// Its unique name.
        name: Name,
        /// Its name for people.
        display_name: DisplayName,
        /// Free text.
        description: FreeText,
        /// The URL or path of an image; may be empty.
        icon: FreeText,
        /// Whether it is the one made with the deployment.
        is_default: bool,
    },
    /// Changes it. What is `None` stays; an organization that is so already stays as it is.
    UpdateOrganization {
        /// Its unique name.
        name: Option<Name>,
        /// Its name for people.
        display_name: Option<DisplayName>,
        /// Free text.
        description: Option<FreeText>,
        /// The URL or path of an image; may be empty.
        icon: Option<FreeText>,
    },
    /// Deletes it for good, with its groups and memberships.
    DeleteOrganization,
}
