use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::DeploymentId;
use crate::organization::OrganizationId;
use crate::user::UserId;

/// What happened to the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The deployment got its identity.
    DeploymentInitialized {
        /// The deployment's id.
        deployment_id: DeploymentId,
        /// The organization made together with it.
        default_organization_id: OrganizationId,
    },
    /// A user became the first one.
    FirstUserClaimed {
        /// The user.
        user_id: UserId,
    },
}
