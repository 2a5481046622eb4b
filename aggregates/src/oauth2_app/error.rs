use crate::{Refusal, RefusalClass};

/// Why a command to an OAuth2 app is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An app of this id exists already.
    #[error("the OAuth2 app exists already")]
    AlreadyExists,
    /// There is no such app, or no longer.
    #[error("OAuth2 application not found.")]
    NotFound,
    /// Public clients authenticate by `none`, confidential ones by a secret.
    #[error("the token endpoint authentication method does not fit the client type")]
    AuthMethodDoesNotFitClientType,
    /// A redirect URI of a private-use scheme on a confidential client.
    #[error("redirect URIs of private-use schemes are for public clients only")]
    PrivateSchemeNeedsPublicClient,
    /// A public client gets no secret (docs/contract/oauth2.md 9.2: 400).
    #[error("Cannot create a client secret for a public OAuth2 app.")]
    PublicClientHasNoSecret,
    /// A secret of this id or prefix exists in the app already: try again with others.
    #[error("the client secret exists already")]
    SecretExists,
    /// An app that registered itself is changed by itself.
    #[error("This OAuth2 app registered itself: it can be deleted, and only it can change itself.")]
    SelfRegistered,
    /// An app that an administrator made does not manage itself.
    #[error("Client was not dynamically registered")]
    NotSelfRegistered,
    /// A client that had a secret cannot become one without, nor the other way round.
    #[error("a client cannot change from public to confidential or back: register it anew")]
    ClientTypeIsFixed,
    /// A client's metadata names no redirect URI.
    #[error("redirect_uris is required")]
    NoRedirectUri,
    /// The app has no such secret, or no longer.
    #[error("the client secret does not exist")]
    SecretNotFound,
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::NotFound | Self::SecretNotFound => RefusalClass::NotFound,
            Self::AuthMethodDoesNotFitClientType
            | Self::PrivateSchemeNeedsPublicClient
            | Self::PublicClientHasNoSecret
            | Self::SelfRegistered
            | Self::NotSelfRegistered
            | Self::ClientTypeIsFixed
            | Self::NoRedirectUri => RefusalClass::Impossible,
            Self::AlreadyExists | Self::SecretExists => RefusalClass::Fault,
        }
    }
}
