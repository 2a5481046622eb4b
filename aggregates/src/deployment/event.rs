use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use uuid::Uuid;

/// What happened to the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The deployment got its identity.
    DeploymentInitialized {
        /// The deployment's id.
        deployment_id: Uuid,
        /// The organization made together with it.
        default_organization_id: Uuid,
    },
    /// A user became the first one.
    FirstUserClaimed {
        /// The user.
        user_id: Uuid,
    },
}
