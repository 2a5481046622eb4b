use crate::oauth2::redirect_uri::InvalidRedirectUri;
use crate::oauth2::scope::InvalidScope;

/// Why a client's metadata is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientMetadata {
    /// None, where a code needs one.
    #[error("redirect_uris is required for authorization code flow")]
    NoRedirectUri,
    /// One that may not be registered.
    #[error("invalid redirect_uris: {uri:?}: {reason}")]
    RedirectUri {
        /// The URI as it was sent.
        uri: String,
        /// Why not.
        reason: InvalidRedirectUri,
    },
    /// A member has more entries than are taken.
    #[error("{member} has more than {most} entries")]
    TooMany {
        /// Its name.
        member: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// A member is longer than is taken.
    #[error("{member} is longer than {most} bytes")]
    TooLong {
        /// Its name.
        member: &'static str,
        /// How many bytes are taken.
        most: usize,
    },
    /// A text with characters that nobody sees.
    #[error("{0} has control or formatting characters")]
    Unseen(&'static str),
    /// Not an absolute http(s) URL.
    #[error("{0} must be an absolute http or https URL")]
    NotAWebUri(&'static str),
    /// A grant type that nobody knows.
    #[error("invalid grant_types: {0:?} is not supported")]
    GrantType(String),
    /// Grant types without the one that begins with a code.
    #[error("invalid grant_types: authorization_code is required")]
    NoAuthorizationCode,
    /// Another response type than `code`.
    #[error("invalid response_types: {0:?} is not supported")]
    ResponseType(String),
    /// An authentication method that is not offered, or not to such a client.
    #[error("invalid token_endpoint_auth_method: {0:?} is not supported")]
    AuthMethod(String),
    /// Another application type than `native` and `web`.
    #[error("invalid application_type: {0:?}")]
    ApplicationType(String),
    /// Too long, too many names, or characters that no scope has.
    #[error("invalid scope: {0}")]
    Scope(#[from] InvalidScope),
    /// A software statement, which nobody here can check.
    #[error("software statements are not accepted here: register without one")]
    SoftwareStatement,
    /// A document's `client_id` is not the URL that it was fetched from.
    #[error("the client_id of the document is not its own URL")]
    ClientIdMismatch,
    /// A document without `client_name`.
    #[error("client_name is required")]
    NoName,
    /// A document with a secret, which everyone would know.
    #[error("the document must not have a client_secret")]
    SecretInDocument,
}
