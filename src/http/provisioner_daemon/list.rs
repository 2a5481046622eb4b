//! `GET /api/v2/organizations/{organization}/provisionerdaemons` and `.../provisionerkeys/daemons`.

use std::collections::BTreeMap;

use axum::extract::RawQuery;
use chancery_aggregates::provisioner_daemon::ProvisionerDaemonId;
use chancery_aggregates::provisioner_key::ProvisionerKeyId;
use chancery_operations::organization::Organization;
use chancery_operations::provisioner_daemon::{self, DaemonFilter, KeyDaemons};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{BUILT_IN, PSK, ProvisionerDaemonModel, USER_AUTH};
use crate::http::base::token_source;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, Validation};
use crate::http::organization::OrganizationPath;
use crate::http::provisioner_key::ProvisionerKeyModel;

const LIMIT: usize = 50;

/// The provisioner daemons of an organization by name, whether they are there or not.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/provisionerdaemons",
    params(
        ("limit" = Option<i64>, Query, description = "At most so many; 50 when absent, all when 0."),
        ("ids" = Option<String>, Query, description = "These: ids, separated by commas."),
        ("tags" = Option<String>, Query, description = "With all of these tags: a JSON object of texts."),
    ),
    responses((status = 200, description = "The daemons.", body = [ProvisionerDaemonModel]), ReadRefusal)
)]
pub async fn list_provisioner_daemons(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<ProvisionerDaemonModel>>, ApiError> {
    let filter = filter(query.as_deref().unwrap_or_default())?;
    let daemons = provisioner_daemon::list(&caller, &organization, &filter).await?;
    Ok(Json(daemons.into_iter().map(Into::into).collect()))
}

fn filter(query: &str) -> Result<DaemonFilter, ApiError> {
    let mut filter = DaemonFilter {
        limit: Some(LIMIT),
        ..DaemonFilter::default()
    };
    let mut invalid = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let is_valid = match &*name {
            name if value.is_empty() || token_source::PARAMETERS.contains(&name) => true,
            "limit" => value.parse().is_ok_and(|limit: usize| {
                filter.limit = (limit > 0).then_some(limit);
                true
            }),
            "ids" => {
                let ids = value.split(',').map(|id| id.trim().parse());
                filter.ids = ids.collect::<Result<Vec<ProvisionerDaemonId>, _>>().ok();
                filter.ids.is_some()
            }
            "tags" => serde_json::from_str(&value).is_ok_and(|tags: BTreeMap<String, String>| {
                filter.tags = tags;
                true
            }),
            _ => false,
        };
        if !is_valid {
            let detail = format!("Query param \"{name}\" is unknown, or has an invalid value");
            invalid.push(Validation::new(name, detail));
        }
    }
    if invalid.is_empty() {
        return Ok(filter);
    }
    let message = "Invalid query parameters.";
    Err(ApiError::bad_request(message).with_validations(invalid))
}

/// A key, and the daemons that are there by it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProvisionerKeyDaemons)]
pub struct ProvisionerKeyDaemonsModel {
    /// The key.
    key: ProvisionerKeyModel,
    /// The daemons.
    daemons: Vec<ProvisionerDaemonModel>,
}

/// The provisioner daemons that are there, by key. The reserved keys stand for other ways to come in: `user-auth` for users' tokens;
/// `built-in` and `psk`, which are the default organization's, for none that there is here.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/provisionerkeys/daemons",
    responses((status = 200, description = "Keys with their daemons.", body = [ProvisionerKeyDaemonsModel]), ReadRefusal)
)]
pub async fn list_provisioner_key_daemons(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<Vec<ProvisionerKeyDaemonsModel>>, ApiError> {
    let by_key = provisioner_daemon::list_by_key(&caller, &organization).await?;
    let mut shown: Vec<ProvisionerKeyDaemonsModel> = Vec::new();
    if organization.thing.is_default {
        for (id, name) in [(BUILT_IN, "built-in"), (PSK, "psk")] {
            let key = reserved(id, name, &organization);
            let daemons = Vec::new();
            shown.push(ProvisionerKeyDaemonsModel { key, daemons });
        }
    }
    shown.extend(by_key.into_iter().map(|KeyDaemons { key, daemons }| {
        let users = || reserved(USER_AUTH, "user-auth", &organization);
        ProvisionerKeyDaemonsModel {
            key: key.map_or_else(users, Into::into),
            daemons: daemons.into_iter().map(Into::into).collect(),
        }
    }));
    Ok(Json(shown))
}

fn reserved(id: ProvisionerKeyId, name: &str, organization: &Organization) -> ProvisionerKeyModel {
    ProvisionerKeyModel {
        id,
        created_at: organization.created_at,
        organization: organization.id,
        name: name.to_owned(),
        tags: BTreeMap::new(),
    }
}
