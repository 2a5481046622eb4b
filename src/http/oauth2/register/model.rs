//! A client as registration shows it (RFC 7591 section 3.2.1).

use chancery_aggregates::oauth2::client_metadata::ClientMetadata;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_operations::oauth2_app::{ManagedClient, Registered};
use chancery_operations::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::AccessUrl;

/// What a client says of itself, for the API document. Other members are ignored.
#[derive(ToSchema)]
#[schema(as = ClientMetadata)]
#[expect(dead_code, reason = "describes what the domain reads and writes")]
pub struct ClientMetadataModel {
    /// Where answers may go, exactly; of plain http only loopback addresses, with any port.
    #[schema(example = json!(["http://localhost/callback"]))]
    redirect_uris: Vec<String>,
    /// The name for people. Longer ones than 64 characters are cut.
    client_name: Option<String>,
    /// `client_secret_basic` (the default), `client_secret_post` or `none`.
    token_endpoint_auth_method: Option<String>,
    /// Default: `authorization_code` and `refresh_token`. Known ones that are not offered are left out.
    grant_types: Option<Vec<String>>,
    /// `code`.
    response_types: Option<Vec<String>>,
    /// Names separated by spaces.
    scope: Option<String>,
    /// `native` or `web`.
    application_type: Option<String>,
    /// A page about the client.
    client_uri: Option<String>,
    /// Its picture.
    logo_uri: Option<String>,
    /// Its terms of service.
    tos_uri: Option<String>,
    /// What it does with data.
    policy_uri: Option<String>,
    /// Its keys.
    jwks_uri: Option<String>,
    /// How to reach those who make it.
    contacts: Option<Vec<String>>,
    /// What the software is called, in every installation alike.
    software_id: Option<String>,
    /// The version of the software.
    software_version: Option<String>,
}

/// A secret in the one answer that shows it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct ShownOnce(#[serde(serialize_with = "chancery_operations::secret::show")] Secret);

/// A registered client: what is registered of it, and what only registering shows.
#[derive(Serialize, ToSchema)]
pub struct ClientInformation {
    /// The client's id.
    pub client_id: OAuth2AppId,
    /// Its secret; absent for a public client, and once it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub client_secret: Option<ShownOnce>,
    /// When it registered, in seconds since 1970.
    pub client_id_issued_at: i64,
    /// 0: the secret does not expire. Absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 0)]
    pub client_secret_expires_at: Option<i64>,
    /// By which the client manages its registration; absent once it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub registration_access_token: Option<ShownOnce>,
    /// Where it manages it.
    pub registration_client_uri: String,
    /// What is registered.
    #[serde(flatten)]
    #[schema(inline, value_type = ClientMetadataModel)]
    pub metadata: ClientMetadata,
}

impl ClientInformation {
    /// A client that has just registered.
    pub fn of_new(registered: Registered, access_url: &AccessUrl) -> Self {
        Self {
            client_secret_expires_at: registered.secret.is_some().then_some(0),
            client_secret: registered.secret.map(ShownOnce),
            registration_access_token: Some(ShownOnce(registered.access_token)),
            ..Self::of(
                registered.id,
                registered.issued_at,
                registered.metadata,
                access_url,
            )
        }
    }

    /// A client that has shown its registration access token.
    pub fn of_managed(client: &ManagedClient, access_url: &AccessUrl) -> Self {
        let metadata = client.metadata().clone();
        Self::of(client.id(), client.issued_at(), metadata, access_url)
    }

    fn of(
        id: OAuth2AppId,
        issued_at: DateTime<Utc>,
        metadata: ClientMetadata,
        access_url: &AccessUrl,
    ) -> Self {
        Self {
            client_id: id,
            client_secret: None,
            client_id_issued_at: issued_at.timestamp(),
            client_secret_expires_at: None,
            registration_access_token: None,
            registration_client_uri: access_url.join(&format!("/oauth2/clients/{id}")),
            metadata,
        }
    }
}
