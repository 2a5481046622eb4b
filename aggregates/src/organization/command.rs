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
}
