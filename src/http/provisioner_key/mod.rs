//! `/api/v2/organizations/{organization}/provisionerkeys` and `/api/v2/provisionerkeys` (`docs/contract/provisioners.md` 3).

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::provisioner_key::ProvisionerKeyId;
use chancery_operations::provisioner_key::{self, NewProvisionerKey, Presented, ProvisionerKey};
use chancery_operations::secret::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::json::null_as_default;
use super::base::path::segment;
use super::base::{ApiError, AppState, Json, NotSignedIn, ReadRefusal, SignedIn, WriteRefusal};
use super::organization::OrganizationPath;

/// The header by which a daemon shows its key.
pub const KEY_HEADER: &str = "Coder-Provisioner-Daemon-Key";
/// The header by which a daemon shows what the deployment shares with its daemons.
const PSK_HEADER: &str = "Coder-Provisioner-Daemon-PSK";

/// The routes of provisioner keys.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_provisioner_keys, create_provisioner_key))
        .routes(routes!(delete_provisioner_key))
        .routes(routes!(get_provisioner_key))
}

/// A provisioner key. Its text is never shown again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProvisionerKey)]
pub(super) struct ProvisionerKeyModel {
    /// Its id.
    pub id: ProvisionerKeyId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The organization whose daemons use it.
    pub organization: OrganizationId,
    /// Its name, in lower case.
    pub name: String,
    /// The tags of the daemons that use it.
    pub tags: BTreeMap<String, String>,
}

impl From<ProvisionerKey> for ProvisionerKeyModel {
    fn from(key: ProvisionerKey) -> Self {
        Self {
            id: key.id,
            created_at: key.created_at,
            organization: key.thing.organization_id,
            name: key.thing.name.as_str().to_owned(),
            tags: key.thing.tags.as_map().clone(),
        }
    }
}

/// The provisioner keys of an organization, in the order in which they were made.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/provisionerkeys",
    params(AsOfPosition),
    responses((status = 200, description = "The keys.", body = [ProvisionerKeyModel]), ReadRefusal)
)]
async fn list_provisioner_keys(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<ProvisionerKeyModel>>, ApiError> {
    let keys = provisioner_key::list(&caller, &organization, as_of).await?;
    Ok(Json(
        keys.into_iter().map(ProvisionerKeyModel::from).collect(),
    ))
}

/// The provisioner key to be made.
#[derive(Deserialize, ToSchema)]
struct CreateProvisionerKeyRequest {
    /// Its name, unique in the organization in whatever case: at most 64 characters. It is kept in lower case.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The tags of the daemons that use it.
    #[serde(default, deserialize_with = "null_as_default")]
    tags: BTreeMap<String, String>,
}

/// A new provisioner key.
#[derive(Serialize, ToSchema)]
struct CreateProvisionerKeyResponse {
    /// Its text: 43 letters and digits. It is shown this once.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    key: Secret,
}

/// Makes a provisioner key.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/provisionerkeys",
    responses((status = 201, description = "The key's text.", body = CreateProvisionerKeyResponse), WriteRefusal)
)]
async fn create_provisioner_key(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(request): Json<CreateProvisionerKeyRequest>,
) -> Result<(StatusCode, Json<CreateProvisionerKeyResponse>), ApiError> {
    let new = NewProvisionerKey {
        name: request.name,
        tags: request.tags,
    };
    let key = provisioner_key::create(&caller, &organization, new).await?;
    Ok((
        StatusCode::CREATED,
        Json(CreateProvisionerKeyResponse { key }),
    ))
}

/// The name of the provisioner key that the path names. An extractor.
struct KeyName(String);

impl FromRequestParts<AppState> for KeyName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "provisionerkey").await.map(Self)
    }
}

/// Deletes a provisioner key for good.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}/provisionerkeys/{provisionerkey}",
    params(("provisionerkey" = String, Path, description = "The key's name, in any case")),
    responses((status = 204, description = "The key is deleted."), WriteRefusal)
)]
async fn delete_provisioner_key(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    KeyName(name): KeyName,
) -> Result<StatusCode, ApiError> {
    provisioner_key::delete(&caller, &organization, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The provisioner key that the request shows in a header.
#[utoipa::path(
    get,
    path = "/api/v2/provisionerkeys/{provisionerkey}",
    security(("provisioner_key" = [])),
    params(("provisionerkey" = String, Path, description = "Does not matter: the header counts")),
    responses((status = 200, description = "The key.", body = ProvisionerKeyModel), ReadRefusal)
)]
async fn get_provisioner_key(
    NotSignedIn(guest): NotSignedIn,
    headers: HeaderMap,
) -> Result<Json<ProvisionerKeyModel>, ApiError> {
    let key = provisioner_key::of_daemon(&guest, &presented(&headers)).await?;
    Ok(Json(key.into()))
}

/// What a daemon shows. An empty header shows nothing.
pub(super) fn presented(headers: &HeaderMap) -> Presented {
    let text = |name: &str| {
        let value = headers.get(name).filter(|value| !value.is_empty())?;
        Some(Secret::from(&*String::from_utf8_lossy(value.as_bytes())))
    };
    Presented {
        key: text(KEY_HEADER),
        psk: text(PSK_HEADER),
    }
}
