use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::oauth2_app::{Command, OAuth2App};
use chancery_projections::ProjectionName;

use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource};
use crate::secret::{NewPrefixedSecret, short_id};

use super::model::OAuth2ProviderAppSecretFull;
use super::{parse_app_id, refused};

/// Creates a client secret. This answer alone shows its text.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    operation_id = "create_oauth2_app_secret",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses(
        (status = 201, description = "The secret.", body = OAuth2ProviderAppSecretFull),
        (status = 400, description = "The id is not a UUID, or the app is public.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
        (status = 503, description = "The ledger cannot record now.", body = ErrorBody),
    ),
)]
pub async fn create_secret(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(app): Path<String>,
) -> Result<(StatusCode, Json<OAuth2ProviderAppSecretFull>), ApiError> {
    let permit = session.decide(Action::Create, Resource::OAuth2AppSecret)?;
    let app_id = parse_app_id(&app)?;
    let secret_id = state.randomness.uuid();
    let secret = NewPrefixedSecret::generate(short_id(&state.randomness), &state.randomness);
    let context = facts.command(&state, &session.actor());
    let command = Command::CreateOAuth2AppSecret {
        secret_id,
        secret_prefix: secret.prefix,
        hashed_secret: secret.hash,
        display_secret: secret.display,
        created_at: context.now,
    };
    let executed = state
        .commands(&permit)
        .execute::<OAuth2App>(&app_id.to_string(), command, &context)
        .await
        .map_err(|error| ApiError::of_execute(error, refused))?;
    state
        .wait_for(ProjectionName::OAUTH2_APP, executed.position)
        .await?;
    let created = OAuth2ProviderAppSecretFull {
        id: secret_id,
        client_secret_full: secret.text,
    };
    Ok((StatusCode::CREATED, Json(created)))
}
