use uuid::Uuid;

/// What can be asked of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Gives a new deployment its identity. Once.
    InitializeDeployment {
        /// The deployment's id.
        deployment_id: Uuid,
        /// The organization that is made together with it.
        default_organization_id: Uuid,
    },
    /// Makes a user the first one. Once: whoever comes second is refused (docs/contract/core.md 3.3).
    ClaimFirstUser {
        /// The user.
        user_id: Uuid,
    },
}
