//! `/api/v2/organizations/{organization}/settings/idpsync/groups`.

use std::collections::BTreeMap;

use chancery_aggregates::group::GroupId;
use chancery_aggregates::group_sync::Config;
use chancery_aggregates::idp_sync::{Change, RegexFilter};
use chancery_operations::idp_sync::{self, GroupSync, SettingsOf};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::mapping::{AnyCase, PatchMappingRequest, SentMapping, TargetId, mapping, shown, text};
use super::path::SyncedOrganization;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, Validation, WriteRefusal};

/// To which groups of the organization its members belong by their claims.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupSyncSettings {
    /// The claim; `""`: people are in the groups that they were put in.
    field: String,
    /// For each name the ids of the groups that it stands for.
    mapping: BTreeMap<String, Vec<GroupId>>,
    /// Names that this regular expression (RE2's syntax) does not match count for nothing; null: all count.
    regex_filter: Option<String>,
    /// Whether a group is made where there is none of a name.
    auto_create_missing_groups: bool,
    /// Groups' names in place of the claim's values, before all else: set by the operator, for the default organization alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    legacy_group_name_mapping: BTreeMap<String, String>,
}

impl From<GroupSync> for GroupSyncSettings {
    fn from(settings: GroupSync) -> Self {
        Self {
            field: settings.field.into(),
            mapping: shown(settings.mapping),
            regex_filter: settings
                .regex_filter
                .map(|filter| filter.as_str().to_owned()),
            auto_create_missing_groups: settings.auto_create_missing_groups,
            legacy_group_name_mapping: settings.legacy_group_name_mapping,
        }
    }
}

/// The settings from now on. What is left out, or null, is empty or false.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GroupSyncRequest {
    /// All but the mappings.
    #[serde(flatten)]
    config: GroupSyncConfigRequest,
    /// For each name the ids of the groups that it stands for.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = BTreeMap<String, Option<Vec<GroupId>>>)]
    mapping: SentMapping<GroupId>,
    /// Must be empty.
    #[serde(default, deserialize_with = "null_as_default")]
    legacy_group_name_mapping: BTreeMap<String, String>,
}

/// The settings from now on, but for the mappings. What is left out, or null, is empty or false.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GroupSyncConfigRequest {
    /// The claim; `""`: people are in the groups that they were put in.
    #[serde(default, deserialize_with = "null_as_default")]
    field: String,
    /// Names that this regular expression (RE2's syntax) does not match count for nothing; null: all count.
    #[serde(default, deserialize_with = "filter")]
    #[schema(value_type = Option<String>)]
    regex_filter: Option<RegexFilter>,
    /// Whether a group is made where there is none of a name.
    #[serde(default, deserialize_with = "null_as_default")]
    auto_create_missing_groups: bool,
}

fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RegexFilter>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let filter = text.map(|text| RegexFilter::parse(&text)).transpose();
    filter.map_err(D::Error::custom)
}

impl GroupSyncRequest {
    fn settings(self) -> Result<GroupSync, ApiError> {
        if !self.legacy_group_name_mapping.is_empty() {
            let field = "legacy_group_name_mapping";
            let message =
                format!("Unexpected field '{field}'. Field not allowed, set to null or remove it.");
            return Err(ApiError::bad_request(message)
                .with_detail(format!("{field} is deprecated, use mapping instead"))
                .with_validations(vec![Validation::new(field, "field is not allowed")]));
        }
        Ok(GroupSync {
            field: text("field", &self.config.field)?,
            mapping: mapping(self.mapping, Ok)?,
            regex_filter: self.config.regex_filter,
            auto_create_missing_groups: self.config.auto_create_missing_groups,
            legacy_group_name_mapping: BTreeMap::new(),
        })
    }
}

/// To which groups of an organization its members belong by their claims. For owners, user admins, and the organization's admins
/// and user admins.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/settings/idpsync/groups",
    params(AsOfPosition),
    responses((status = 200, description = "The settings.", body = GroupSyncSettings), ReadRefusal)
)]
pub async fn get_group_sync(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    SyncedOrganization(organization): SyncedOrganization,
) -> Result<Json<GroupSyncSettings>, ApiError> {
    let settings = idp_sync::get(&caller, &SettingsOf::groups(&organization), as_of).await?;
    Ok(Json(settings.into()))
}

/// Replaces the settings whole.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/groups",
    responses((status = 200, description = "The settings.", body = GroupSyncSettings), WriteRefusal)
)]
pub async fn update_group_sync(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(request): Json<GroupSyncRequest>,
) -> Result<Json<GroupSyncSettings>, ApiError> {
    let change = Change::Replace(request.settings()?);
    let settings = idp_sync::change(&caller, &SettingsOf::groups(&organization), change).await?;
    Ok(Json(settings.into()))
}

/// Replaces the settings but for the mappings.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/groups/config",
    responses((status = 200, description = "The settings.", body = GroupSyncSettings), WriteRefusal)
)]
pub async fn update_group_sync_config(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(request): Json<GroupSyncConfigRequest>,
) -> Result<Json<GroupSyncSettings>, ApiError> {
    let change = Change::Configure(Config {
        field: text("field", &request.field)?,
        regex_filter: request.regex_filter,
        auto_create_missing_groups: request.auto_create_missing_groups,
    });
    let settings = idp_sync::change(&caller, &SettingsOf::groups(&organization), change).await?;
    Ok(Json(settings.into()))
}

/// Adds pairs to the mapping and takes others out.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}/settings/idpsync/groups/mapping",
    request_body = PatchMappingRequest<TargetId>,
    responses((status = 200, description = "The settings.", body = GroupSyncSettings), WriteRefusal)
)]
pub async fn update_group_sync_mapping(
    SignedIn(caller): SignedIn,
    SyncedOrganization(organization): SyncedOrganization,
    Json(AnyCase(request)): Json<AnyCase<PatchMappingRequest<TargetId>>>,
) -> Result<Json<GroupSyncSettings>, ApiError> {
    let change = Change::PatchMapping(request.patch(|TargetId(id)| Ok(id.into()))?);
    let settings = idp_sync::change(&caller, &SettingsOf::groups(&organization), change).await?;
    Ok(Json(settings.into()))
}
