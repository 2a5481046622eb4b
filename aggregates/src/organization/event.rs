use serde::{Deserialize, Serialize};

/// What happened to an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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
}

domain_event!(Event { OrganizationCreated => "organization_created" @ "1.0" });
