use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// What happened to an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was created.
    OrganizationCreated {
        /// Its unique name.
        name: String,
        /// Its name for people.
        display_name: String,
        /// Free text.
        description: String,
        /// The URL or path of an image; may be empty.
        icon: String,
        /// Whether it is the one made with the deployment.
        is_default: bool,
    },
    /// It was changed.
    OrganizationUpdated {
        /// Its name before; another stream may take it when it differs from `name`.
        previous_name: String,
        /// Its unique name from now on.
        name: String,
        /// Its name for people from now on.
        display_name: String,
        /// Free text from now on.
        description: String,
        /// The URL or path of an image from now on; may be empty.
        icon: String,
    },
    /// It was deleted for good. All its memberships and groups ended with it, without events of their own.
    OrganizationDeleted {
        /// Its last name, which is free again.
        name: String,
    },
}
