//! The rules.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    ApplicationType, ClientDetails, ClientMetadata, GrantType, InvalidClientMetadata,
    PresentedMetadata, ResponseType,
};
use crate::name::Name;
use crate::oauth2::client_id_url::ClientIdUrl;
use crate::oauth2::redirect_uri::RedirectUri;
use crate::oauth2::scope::Scope;
use crate::oauth2_app::TokenEndpointAuthMethod;
use crate::text::is_unseen;

type Checked<T> = Result<T, InvalidClientMetadata>;

/// Limits of docs/contract/oauth2.md 11.1, and ones like them.
const MAX_REDIRECT_URIS: usize = 32;
const MAX_SCOPES: usize = 100;
const MAX_CONTACTS: usize = 10;
const MAX_TEXT: usize = 255;
const MAX_URI: usize = 2048;

/// A longer name is cut, and told apart by its hash.
const MAX_NAME: usize = 64;
const CUT_NAME: usize = 55;
const DEFAULT_NAME: &str = "Dynamically Registered Client";

/// Grant types that clients may name and this server does not offer: they are left out of what is registered (RFC 7591 3.2.1).
const NOT_OFFERED: [&str; 6] = [
    "client_credentials",
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
];

impl PresentedMetadata {
    /// The metadata of a registration, new or changed.
    pub fn of_registration(self) -> Checked<ClientMetadata> {
        let method = self.token_endpoint_auth_method.as_deref();
        let method = match method.unwrap_or("client_secret_basic") {
            "client_secret_basic" => TokenEndpointAuthMethod::ClientSecretBasic,
            "client_secret_post" => TokenEndpointAuthMethod::ClientSecretPost,
            "none" => TokenEndpointAuthMethod::None,
            other => return Err(InvalidClientMetadata::AuthMethod(other.to_owned())),
        };
        if self.software_statement.is_some() {
            return Err(InvalidClientMetadata::SoftwareStatement);
        }
        self.check(method)
    }

    /// The metadata in the document of the client `id`. It has a name, and nothing that only a secret could prove.
    pub fn of_document(self, id: &ClientIdUrl) -> Checked<ClientMetadata> {
        if self.client_id.as_deref() != Some(id.as_str()) {
            return Err(InvalidClientMetadata::ClientIdMismatch);
        }
        if self.client_secret.is_some() || self.client_secret_expires_at.is_some() {
            return Err(InvalidClientMetadata::SecretInDocument);
        }
        if self.client_name.is_none() {
            return Err(InvalidClientMetadata::NoName);
        }
        match self.token_endpoint_auth_method.as_deref() {
            None | Some("none") => self.check(TokenEndpointAuthMethod::None),
            Some(other) => Err(InvalidClientMetadata::AuthMethod(other.to_owned())),
        }
    }

    fn check(self, method: TokenEndpointAuthMethod) -> Checked<ClientMetadata> {
        Ok(ClientMetadata {
            redirect_uris: redirect_uris(&self.redirect_uris)?,
            token_endpoint_auth_method: method,
            client_name: name(self.client_name)?,
            logo_uri: web_uri("logo_uri", self.logo_uri)?,
            details: ClientDetails {
                grant_types: grant_types(&self.grant_types)?,
                response_types: response_types(&self.response_types)?,
                scope: scope(self.scope)?,
                application_type: application_type(self.application_type.as_deref())?,
                client_uri: web_uri("client_uri", self.client_uri)?,
                tos_uri: web_uri("tos_uri", self.tos_uri)?,
                policy_uri: web_uri("policy_uri", self.policy_uri)?,
                jwks_uri: web_uri("jwks_uri", self.jwks_uri)?,
                contacts: contacts(self.contacts)?,
                software_id: text("software_id", self.software_id)?,
                software_version: text("software_version", self.software_version)?,
            },
        })
    }
}

fn grant_types(named: &[String]) -> Checked<Vec<GrantType>> {
    if named.is_empty() {
        return Ok(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]);
    }
    let mut offered = Vec::new();
    for name in named {
        let grant_type = match name.as_str() {
            "authorization_code" => GrantType::AuthorizationCode,
            "refresh_token" => GrantType::RefreshToken,
            known if NOT_OFFERED.contains(&known) => continue,
            unknown => return Err(InvalidClientMetadata::GrantType(unknown.to_owned())),
        };
        if !offered.contains(&grant_type) {
            offered.push(grant_type);
        }
    }
    if offered.contains(&GrantType::AuthorizationCode) {
        Ok(offered)
    } else {
        Err(InvalidClientMetadata::NoAuthorizationCode)
    }
}

fn response_types(named: &[String]) -> Checked<Vec<ResponseType>> {
    match named.iter().find(|name| *name != "code") {
        Some(other) => Err(InvalidClientMetadata::ResponseType(other.clone())),
        None => Ok(vec![ResponseType::Code]),
    }
}

fn redirect_uris(sent: &[String]) -> Checked<Vec<RedirectUri>> {
    if sent.is_empty() {
        return Err(InvalidClientMetadata::NoRedirectUri);
    }
    at_most(MAX_REDIRECT_URIS, "redirect_uris", sent.len())?;
    let check = |uri: &String| {
        RedirectUri::of_self_registered(uri).map_err(|reason| InvalidClientMetadata::RedirectUri {
            uri: uri.clone(),
            reason,
        })
    };
    sent.iter().map(check).collect()
}

fn name(sent: Option<String>) -> Checked<Name> {
    let Some(name) = sent else {
        return Ok(Name::of_client(DEFAULT_NAME.to_owned()));
    };
    check_seen("client_name", &name)?;
    if name.chars().count() <= MAX_NAME {
        return Ok(Name::of_client(name));
    }
    let hash = Sha256::digest(name.as_bytes());
    let begin: String = name.chars().take(CUT_NAME).collect();
    let [a, b, c, d] = [hash[0], hash[1], hash[2], hash[3]];
    let cut = format!("{begin}-{a:02x}{b:02x}{c:02x}{d:02x}");
    Ok(Name::of_client(cut))
}

fn scope(sent: Option<String>) -> Checked<Option<String>> {
    let Some(scope) = sent else {
        return Ok(None);
    };
    let scope = Scope::parse(&scope)?;
    let names = scope.as_str().split_ascii_whitespace().count();
    at_most(MAX_SCOPES, "scope", names)?;
    Ok(Some(scope.as_str().to_owned()))
}

fn application_type(sent: Option<&str>) -> Checked<Option<ApplicationType>> {
    match sent {
        None => Ok(None),
        Some("native") => Ok(Some(ApplicationType::Native)),
        Some("web") => Ok(Some(ApplicationType::Web)),
        Some(other) => Err(InvalidClientMetadata::ApplicationType(other.to_owned())),
    }
}

fn web_uri(member: &'static str, sent: Option<String>) -> Checked<Option<String>> {
    let Some(uri) = sent else {
        return Ok(None);
    };
    no_longer_than(MAX_URI, member, &uri)?;
    let url = Url::parse(&uri).ok();
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let repaired = uri
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    if repaired || !url.as_ref().is_some_and(is_web) {
        return Err(InvalidClientMetadata::NotAWebUri(member));
    }
    Ok(Some(uri))
}

fn contacts(sent: Vec<String>) -> Checked<Vec<String>> {
    at_most(MAX_CONTACTS, "contacts", sent.len())?;
    for contact in &sent {
        no_longer_than(MAX_TEXT, "contacts", contact)?;
        check_seen("contacts", contact)?;
    }
    Ok(sent)
}

fn text(member: &'static str, sent: Option<String>) -> Checked<Option<String>> {
    if let Some(text) = &sent {
        no_longer_than(MAX_TEXT, member, text)?;
        check_seen(member, text)?;
    }
    Ok(sent)
}

/// Refuses what is not seen, or turns what is: a name is shown to people who decide by it.
fn check_seen(member: &'static str, text: &str) -> Checked<()> {
    if text.trim().is_empty() || text.chars().any(is_unseen) {
        return Err(InvalidClientMetadata::Unseen(member));
    }
    Ok(())
}

fn at_most(most: usize, member: &'static str, count: usize) -> Checked<()> {
    if count > most {
        return Err(InvalidClientMetadata::TooMany { member, most });
    }
    Ok(())
}

fn no_longer_than(most: usize, member: &'static str, text: &str) -> Checked<()> {
    if text.len() > most {
        return Err(InvalidClientMetadata::TooLong { member, most });
    }
    Ok(())
}
