use axum::extract::State;
use axum::http::StatusCode;
use chancery_aggregates::oauth2_app::{Command, CreateOAuth2App, OAuth2App};
use chancery_projections::ProjectionName;

use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource};

use super::model::OAuth2ProviderApp;
use super::request::{PostOAuth2ProviderAppRequest, validate};
use super::{find_app, refused};

/// Creates an app.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps",
    operation_id = "create_oauth2_app",
    tag = "OAuth2 apps",
    request_body = PostOAuth2ProviderAppRequest,
    responses(
        (status = 201, description = "The app.", body = OAuth2ProviderApp),
        (status = 400, description = "A field is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 503, description = "The ledger cannot record now.", body = ErrorBody),
    ),
)]
pub async fn create(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Json(request): Json<PostOAuth2ProviderAppRequest>,
) -> Result<(StatusCode, Json<OAuth2ProviderApp>), ApiError> {
    let permit = session.decide(Action::Create, Resource::OAuth2App)?;
    let (client_type, token_endpoint_auth_method) = request.client()?;
    let valid = validate(
        &request.name,
        &request.callback_url,
        &request.icon,
        &request.redirect_uris,
        client_type,
    )?;
    let command = Command::CreateOAuth2App(CreateOAuth2App {
        name: valid.name,
        callback_url: valid.callback_url,
        icon: valid.icon,
        redirect_uris: valid.redirect_uris,
        client_type,
        token_endpoint_auth_method,
        require_pkce: request.require_pkce,
        allow_multiple_grants: request.allow_multiple_grants,
    });
    let app_id = state.randomness.uuid();
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
    Ok((
        StatusCode::CREATED,
        Json(OAuth2ProviderApp::new(app, &state.access_url)),
    ))
}
