/// Why a command to an organization is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An organization of this id exists already.
    #[error("the organization exists already")]
    AlreadyExists,
    /// The name is a reserved word (core.md 5: 400).
    #[error("Organization name \"{name}\" is reserved.")]
    NameReserved {
        /// The name.
        name: String,
    },
}
