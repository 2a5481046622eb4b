use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// A client's metadata as it was sent: a registration's body, or a document.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PresentedMetadata {
    #[serde(deserialize_with = "text")]
    pub(super) client_id: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) redirect_uris: Vec<String>,
    #[serde(deserialize_with = "text")]
    pub(super) client_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) client_uri: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) logo_uri: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) tos_uri: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) policy_uri: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) jwks_uri: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) software_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) software_version: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) application_type: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) token_endpoint_auth_method: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) scope: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) grant_types: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) response_types: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) contacts: Vec<String>,
    /// Never looked at: a statement is refused, and a document has no secret.
    pub(super) software_statement: Option<IgnoredAny>,
    pub(super) client_secret: Option<IgnoredAny>,
    pub(super) client_secret_expires_at: Option<IgnoredAny>,
}

impl PresentedMetadata {
    /// The client id that the sender names: a registered client's own, when it changes its registration.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default())
}
