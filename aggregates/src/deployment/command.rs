use super::DeploymentId;
use crate::organization::OrganizationId;
use crate::user::UserId;

/// What can be asked of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Gives a new deployment its identity. Once.
    InitializeDeployment {
        /// The deployment's id.
        deployment_id: DeploymentId,
        /// The organization that is made together with it.
        default_organization_id: OrganizationId,
    },
    /// Makes a user the first one. Once: whoever comes second is refused (docs/contract/core.md 3.3).
    ClaimFirstUser {
        /// The user.
        user_id: UserId,
    },
}
