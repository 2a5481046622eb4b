//! `/api/v2/oauth2-provider/settings` (docs/contract/oauth2.md 11.1).

use chancery_operations::oauth2_settings::{self, OAuth2Settings, OAuth2SettingsForm};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};

/// The routes of the settings.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_oauth2_settings, change_oauth2_settings))
}

/// What holds for every OAuth2 client. The contract's field is the first; the others are additions.
#[derive(Debug, Serialize, ToSchema)]
struct OAuth2ProviderSettings {
    /// Whether clients may register themselves (RFC 7591).
    dynamic_client_registration_enabled: bool,
    /// Whether a client's id may be the URL of its metadata document.
    client_metadata_documents_enabled: bool,
    /// Where such documents may be: host names, or `*.` and one for all below it. Empty: anywhere.
    client_metadata_document_domains: Vec<String>,
}

impl From<OAuth2Settings> for OAuth2ProviderSettings {
    fn from(settings: OAuth2Settings) -> Self {
        let domains = settings.client_metadata_document_domains.iter();
        Self {
            dynamic_client_registration_enabled: settings.dynamic_client_registration_enabled,
            client_metadata_documents_enabled: settings.client_metadata_documents_enabled,
            client_metadata_document_domains: domains
                .map(|domain| domain.as_str().to_owned())
                .collect(),
        }
    }
}

/// Shows the settings.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/settings",
    responses((status = 200, description = "The settings.", body = OAuth2ProviderSettings), ReadRefusal)
)]
async fn get_oauth2_settings(
    SignedIn(caller): SignedIn,
) -> Result<Json<OAuth2ProviderSettings>, ApiError> {
    Ok(Json(oauth2_settings::get(&caller).await?.into()))
}

/// Body of PUT settings. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
struct PutOAuth2ProviderSettingsRequest {
    /// Whether clients may register themselves.
    dynamic_client_registration_enabled: Option<bool>,
    /// Whether a client's id may be the URL of its metadata document.
    client_metadata_documents_enabled: Option<bool>,
    /// Where such documents may be. Empty: anywhere.
    client_metadata_document_domains: Option<Vec<String>>,
}

/// Changes the settings. Clients that registered stay.
#[utoipa::path(
    put,
    path = "/api/v2/oauth2-provider/settings",
    responses((status = 200, description = "The settings.", body = OAuth2ProviderSettings), WriteRefusal)
)]
async fn change_oauth2_settings(
    SignedIn(caller): SignedIn,
    Json(request): Json<PutOAuth2ProviderSettingsRequest>,
) -> Result<Json<OAuth2ProviderSettings>, ApiError> {
    let form = OAuth2SettingsForm {
        dynamic_client_registration_enabled: request.dynamic_client_registration_enabled,
        client_metadata_documents_enabled: request.client_metadata_documents_enabled,
        client_metadata_document_domains: request.client_metadata_document_domains,
    };
    Ok(Json(oauth2_settings::change(&caller, form).await?.into()))
}
