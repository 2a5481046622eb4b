//! Client ids that are the URL of a document (OAuth Client ID Metadata Document, draft-ietf-oauth-client-id-metadata-document).

use sha2::{Digest, Sha256};
use url::Url;
use uuid::Builder;

use crate::oauth2_app::OAuth2AppId;

const MAX_LENGTH: usize = 2048;

/// The https URL of a client's metadata document, in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdUrl(Url);

/// Why a URL is no client id (section 3 of the draft).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientIdUrl {
    /// Not a URL, or of another scheme.
    #[error("a client id that is a URL must begin with https://")]
    NotHttps,
    /// Longer than 2048 bytes.
    #[error("the client id is longer than 2048 bytes")]
    TooLong,
    /// A user name or a password.
    #[error("the client id must not have a user name or a password")]
    Credentials,
    /// A fragment, be it an empty one.
    #[error("the client id must not have a fragment")]
    Fragment,
    /// The root of a site, which is no document.
    #[error("the client id must have a path")]
    NoPath,
    /// A spelling that URL parsers change: dot segments, upper case, a default port.
    #[error("the client id must be a URL in normal form")]
    NotNormal,
}

impl ClientIdUrl {
    /// Whether a client id is meant to be a URL.
    pub fn is_meant(client_id: &str) -> bool {
        client_id.contains("://")
    }

    /// Reads a client id.
    pub fn parse(client_id: &str) -> Result<Self, InvalidClientIdUrl> {
        if client_id.len() > MAX_LENGTH {
            return Err(InvalidClientIdUrl::TooLong);
        }
        let url = Url::parse(client_id).map_err(|_| InvalidClientIdUrl::NotHttps)?;
        if url.scheme() != "https" {
            return Err(InvalidClientIdUrl::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidClientIdUrl::Credentials);
        }
        if client_id.contains('#') {
            return Err(InvalidClientIdUrl::Fragment);
        }
        if url.path() == "/" {
            return Err(InvalidClientIdUrl::NoPath);
        }
        if url.as_str() != client_id {
            return Err(InvalidClientIdUrl::NotNormal);
        }
        Ok(Self(url))
    }

    /// The client id as it was sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Where the document is.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The document's host, in ASCII: what a look-alike cannot hide behind.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The id (UUID version 8) of the app that stands for the client here: of the URL's hash, so that it is found without a
    /// search.
    pub fn app_id(&self) -> OAuth2AppId {
        let digest = Sha256::digest(self.as_str().as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        OAuth2AppId::new(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_urls_with_a_path_are_client_ids() {
        for id in [
            "https://claude.ai/oauth/claude-code-client-metadata",
            "https://vscode.dev/oauth/client-metadata.json",
            "https://client.example:8443/a.json",
            "https://client.example/a?version=1",
            "https://xn--bcher-kva.example/client",
            "https://[2001:db8::1]/client",
        ] {
            assert!(ClientIdUrl::is_meant(id));
            assert_eq!(ClientIdUrl::parse(id).unwrap().as_str(), id);
        }
        assert!(!ClientIdUrl::is_meant(
            "c0a8012e-0000-4000-8000-000000000004"
        ));
    }

    #[test]
    fn other_urls_are_not() {
        use InvalidClientIdUrl::{Credentials, Fragment, NoPath, NotHttps, NotNormal, TooLong};
        let long = format!("https://h/{}", "x".repeat(MAX_LENGTH));
        for (id, reason) in [
            ("http://client.example/a", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("https://", NotHttps),
            ("://x", NotHttps),
            ("https://u@client.example/a", Credentials),
            ("https://u:p@client.example/a", Credentials),
            ("https://client.example/a#", Fragment),
            ("https://client.example/a#b", Fragment),
            ("https://client.example", NoPath),
            ("https://client.example/", NoPath),
            ("https://client.example/a/../b", NotNormal),
            ("https://client.example/./a", NotNormal),
            ("https://client.example/%2e%2e/a", NotNormal),
            ("https://CLIENT.example/a", NotNormal),
            ("HTTPS://client.example/a", NotNormal),
            ("https://client.example:443/a", NotNormal),
            ("https://bücher.example/a", NotNormal),
            ("https:\\\\client.example\\a", NotNormal),
            (" https://client.example/a", NotNormal),
            ("https://client.example/\ta", NotNormal),
            ("https://2130706433/a", NotNormal),
            (&long, TooLong),
        ] {
            assert_eq!(ClientIdUrl::parse(id), Err(reason), "{id:?}");
        }
    }

    #[test]
    fn a_client_has_one_app_and_another_client_another() {
        let app_of = |id| ClientIdUrl::parse(id).unwrap().app_id();
        assert_eq!(
            app_of("https://client.example/a"),
            app_of("https://client.example/a")
        );
        assert_ne!(
            app_of("https://client.example/a"),
            app_of("https://client.example/b")
        );
    }

    #[test]
    fn a_homograph_host_is_shown_in_ascii() {
        let cyrillic = Url::parse("https://с1aude.ai/x").unwrap();
        let id = ClientIdUrl::parse(cyrillic.as_str()).unwrap();
        assert!(id.host().starts_with("xn--"), "{}", id.host());
    }
}
