//! `/api/v2/organizations/{organization}/settings/idpsync/roles`.

use std::collections::BTreeMap;

use chancery_aggregates::idp_sync::Change;
use chancery_aggregates::role_sync::Config;
use chancery_operations::idp_sync::{self, RoleSync, SettingsOf};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::{AnyCase, PatchMappingRequest, RoleName, SentMapping, mapping, shown, text};
use super::path::SyncedOrganization;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, WriteRefusal};

/// Which roles members of the organization have by their claims.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleSyncSettings {
    /// The claim; `""`: people have the roles that they were given.
    field: String,
    /// For each of its values the names of the roles that it stands for.
    mapping: BTreeMap<String, Vec<String>>,
}

impl From<RoleSync> for RoleSyncSettings {
    fn from(settings: RoleSync) -> Self {
        Self {
            field: settings.field.into(),
            mapping: shown(settings.mapping),
        }
    }
}

/// The settings from now on. What is left out, or null, is empty.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RoleSyncRequest {
    /// The claim; `""`: people have the roles that they were given.
    #[serde(default, deserialize_with = "null_as_default")]
    field: String,
    /// For each of its values the names of the roles that it stands for. Names of none count for nothing at a sign-in.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = BTreeMap<String, Option<Vec<String>>>)]
    mapping: SentMapping<String>,
}

/// The claim from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RoleSyncConfigRequest {
    /// The claim; `""`: people have the roles that they were given.
    #[serde(default, deserialize_with = "null_as_default")]
    field: String,
}

/// Which roles members of an organization have by their claims. For owners, user admins, and the organization's admins and user
/// admins.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/settings/idpsync/roles",
    params(AsOfPosition),
    responses((status = 200, description = "The settings.", body = RoleSyncSettings), ReadRefusal)
)]
pub async fn get_role_sync(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    SyncedOrganization(organization): SyncedOrganization,
) -> Result<Json<RoleSyncSettings>, ApiError> {
    let settings = idp_sync::get(&caller, &SettingsOf::roles(&organization), as_of).await?;
    Ok(Json(settings.into()))
}

/// Replaces the settings whole.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/roles",
    responses((status = 200, description = "The settings.", body = RoleSyncSettings), WriteRefusal)
)]
pub async fn update_role_sync(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(request): Json<RoleSyncRequest>,
) -> Result<Json<RoleSyncSettings>, ApiError> {
    let change = Change::Replace(RoleSync {
        field: text("field", &request.field)?,
        mapping: mapping(request.mapping, |name: String| text("mapping", &name))?,
    });
    let settings = idp_sync::change(&caller, &SettingsOf::roles(&organization), change).await?;
    Ok(Json(settings.into()))
}

/// Replaces the claim, and keeps the mapping.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/roles/config",
    responses((status = 200, description = "The settings.", body = RoleSyncSettings), WriteRefusal)
)]
pub async fn update_role_sync_config(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(request): Json<RoleSyncConfigRequest>,
) -> Result<Json<RoleSyncSettings>, ApiError> {
    let field = text("field", &request.field)?;
    let change = Change::Configure(Config { field });
    let settings = idp_sync::change(&caller, &SettingsOf::roles(&organization), change).await?;
    Ok(Json(settings.into()))
}

/// Adds pairs to the mapping and takes others out.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/roles/mapping",
    request_body = PatchMappingRequest<RoleName>,
    responses((status = 200, description = "The settings.", body = RoleSyncSettings), WriteRefusal)
)]
pub async fn update_role_sync_mapping(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(AnyCase(request)): Json<AnyCase<PatchMappingRequest<RoleName>>>,
) -> Result<Json<RoleSyncSettings>, ApiError> {
    let patch = request.patch(|RoleName(name)| text("gets", &name))?;
    let change = Change::PatchMapping(patch);
    let settings = idp_sync::change(&caller, &SettingsOf::roles(&organization), change).await?;
    Ok(Json(settings.into()))
}
