//! `/api/v2/settings/idpsync/organization`.

use std::collections::BTreeMap;

use chancery_aggregates::idp_sync::Change;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_sync::Config;
use chancery_operations::idp_sync::{self, OrganizationSync, SettingsOf};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::{AnyCase, PatchMappingRequest, SentMapping, TargetId, mapping, shown, text};
use super::path::SyncedDeployment;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, WriteRefusal};

/// To which organizations people belong by their claims.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationSyncSettings {
    /// The claim; `""`: people belong where they were put.
    field: String,
    /// For each of its values the ids of the organizations that it stands for.
    mapping: BTreeMap<String, Vec<OrganizationId>>,
    /// Whether everyone also belongs to the default organization.
    organization_assign_default: bool,
}

impl From<OrganizationSync> for OrganizationSyncSettings {
    fn from(settings: OrganizationSync) -> Self {
        Self {
            field: settings.field.into(),
            mapping: shown(settings.mapping),
            organization_assign_default: settings.assign_default,
        }
    }
}

/// The settings from now on. What is left out, or null, is empty or false.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OrganizationSyncRequest {
    /// The claim; `""`: people belong where they were put.
    #[serde(default, deserialize_with = "null_as_default")]
    field: String,
    /// For each of its values the ids of the organizations that it stands for.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = BTreeMap<String, Option<Vec<OrganizationId>>>)]
    mapping: SentMapping<OrganizationId>,
    /// Whether everyone also belongs to the default organization.
    #[serde(default, deserialize_with = "null_as_default")]
    organization_assign_default: bool,
}

/// The settings from now on, but for the mapping. What is left out, or null, is empty or false.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OrganizationSyncConfigRequest {
    /// The claim; `""`: people belong where they were put.
    #[serde(default, deserialize_with = "null_as_default")]
    field: String,
    /// Whether everyone also belongs to the default organization.
    #[serde(default, deserialize_with = "null_as_default")]
    assign_default: bool,
}

/// To which organizations people belong by their claims. For owners and user admins.
#[utoipa::path(
    get,
    path = "/api/v2/settings/idpsync/organization",
    params(AsOfPosition),
    responses((status = 200, description = "The settings.", body = OrganizationSyncSettings), ReadRefusal)
)]
pub async fn get_organization_sync(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<OrganizationSyncSettings>, ApiError> {
    let settings = idp_sync::get(&caller, &SettingsOf::ORGANIZATIONS, as_of).await?;
    Ok(Json(settings.into()))
}

/// Replaces the settings whole. For owners and user admins.
#[utoipa::path(
    patch,
    path = "/api/v2/settings/idpsync/organization",
    responses((status = 200, description = "The settings.", body = OrganizationSyncSettings), WriteRefusal)
)]
pub async fn update_organization_sync(
    SignedIn(caller): SignedIn,
    SyncedDeployment: SyncedDeployment,
    Json(request): Json<OrganizationSyncRequest>,
) -> Result<Json<OrganizationSyncSettings>, ApiError> {
    let change = Change::Replace(OrganizationSync {
        field: text("field", &request.field)?,
        mapping: mapping(request.mapping, Ok)?,
        assign_default: request.organization_assign_default,
    });
    let settings = idp_sync::change(&caller, &SettingsOf::ORGANIZATIONS, change).await?;
    Ok(Json(settings.into()))
}

/// Replaces the settings but for the mapping. For owners and user admins.
#[utoipa::path(
    patch,
    path = "/api/v2/settings/idpsync/organization/config",
    responses((status = 200, description = "The settings.", body = OrganizationSyncSettings), WriteRefusal)
)]
pub async fn update_organization_sync_config(
    SignedIn(caller): SignedIn,
    SyncedDeployment: SyncedDeployment,
    Json(request): Json<OrganizationSyncConfigRequest>,
) -> Result<Json<OrganizationSyncSettings>, ApiError> {
    let change = Change::Configure(Config {
        field: text("field", &request.field)?,
        assign_default: request.assign_default,
    });
    let settings = idp_sync::change(&caller, &SettingsOf::ORGANIZATIONS, change).await?;
    Ok(Json(settings.into()))
}

/// Adds pairs to the mapping and takes others out. For owners and user admins.
#[utoipa::path(
    patch,
    path = "/api/v2/settings/idpsync/organization/mapping",
    request_body = PatchMappingRequest<TargetId>,
    responses((status = 200, description = "The settings.", body = OrganizationSyncSettings), WriteRefusal)
)]
pub async fn update_organization_sync_mapping(
    SignedIn(caller): SignedIn,
    SyncedDeployment: SyncedDeployment,
    Json(AnyCase(request)): Json<AnyCase<PatchMappingRequest<TargetId>>>,
) -> Result<Json<OrganizationSyncSettings>, ApiError> {
    let change = Change::PatchMapping(request.patch(|TargetId(id)| Ok(id.into()))?);
    let settings = idp_sync::change(&caller, &SettingsOf::ORGANIZATIONS, change).await?;
    Ok(Json(settings.into()))
}
