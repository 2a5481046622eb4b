use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened to the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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

domain_event!(Event {
    DeploymentInitialized => "deployment_initialized" @ "1.0",
    FirstUserClaimed => "first_user_claimed" @ "1.0",
});
