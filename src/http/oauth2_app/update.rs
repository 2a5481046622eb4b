use axum::extract::{Path, State};
use chancery_aggregates::oauth2_app::{ClientType, Command, OAuth2App};
use chancery_projections::ProjectionName;

use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource};

use super::model::OAuth2ProviderApp;
use super::request::{PutOAuth2ProviderAppRequest, validate};
use super::{find_app, parse_app_id, refused};

/// Replaces an app's name, callback URL and icon. Nothing is revoked.
#[utoipa::path(
    put,
    path = "/api/v2/oauth2-provider/apps/{app}",
    operation_id = "update_oauth2_app",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    request_body = PutOAuth2ProviderAppRequest,
    responses(
        (status = 200, description = "The app.", body = OAuth2ProviderApp),
        (status = 400, description = "A field or the id is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
        (status = 503, description = "The ledger cannot record now.", body = ErrorBody),
    ),
)]
pub async fn update(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(app): Path<String>,
    Json(request): Json<PutOAuth2ProviderAppRequest>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let permit = session.decide(Action::Update, Resource::OAuth2App)?;
    let app_id = parse_app_id(&app)?;
    let app = find_app(&state, app_id).await?;
    let client_type = if app.client_type == ClientType::Public.as_str() {
        ClientType::Public
    } else {
        ClientType::Confidential
    };
    let redirect_uris = request.redirect_uris.unwrap_or(app.redirect_uris);
    let valid = validate(
        &request.name,
        &request.callback_url,
        &request.icon,
        &redirect_uris,
        client_type,
    )?;
    let command = Command::UpdateOAuth2App {
        name: valid.name,
        callback_url: valid.callback_url,
        icon: valid.icon,
        redirect_uris: valid.redirect_uris,
    };
    let executed = state
        .commands(&permit)
        .execute::<OAuth2App>(
            &app_id.to_string(),
            command,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| ApiError::of_execute(error, refused))?;
    state
        .wait_for(ProjectionName::OAUTH2_APP, executed.position)
        .await?;
    let app = find_app(&state, app_id).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}
