use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::oauth2_app::{Command, Error, OAuth2App};
use uuid::Uuid;

use crate::http::{ApiError, AppState, ErrorBody, RequestFacts, Session};
use crate::policy::{Action, Resource};

use super::{parse_app_id, refused, wait_for_apps_and_grants};

/// Deletes a client secret with the codes and tokens issued by it.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets/{secret_id}",
    operation_id = "delete_oauth2_app_secret",
    tag = "OAuth2 apps",
    params(
        ("app" = Uuid, Path, description = "The app's id."),
        ("secret_id" = Uuid, Path, description = "The secret's id."),
    ),
    responses(
        (status = 204, description = "Deleted."),
        (status = 400, description = "An id is not a UUID, or the secret is another app's.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 404, description = "No such app or secret.", body = ErrorBody),
        (status = 503, description = "The ledger cannot record now.", body = ErrorBody),
    ),
)]
pub async fn delete_secret(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path((app, secret)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let permit = session.decide(Action::Delete, Resource::OAuth2AppSecret)?;
    let app_id = parse_app_id(&app)?;
    let secret_id = Uuid::try_parse(&secret).map_err(|_| ApiError::invalid_uuid(&secret))?;
    let context = facts.command(&state, &session.actor());
    let executed = state
        .commands(&permit)
        .execute::<OAuth2App>(
            &app_id.to_string(),
            Command::DeleteOAuth2AppSecret { secret_id },
            &context,
        )
        .await;
    let executed = match executed {
        Err(chancery_ledger::ExecuteError::Refused(Error::SecretNotFound)) => {
            return Err(missing_secret(&state, secret_id).await);
        }
        outcome => outcome.map_err(|error| ApiError::of_execute(error, refused))?,
    };
    wait_for_apps_and_grants(&state, executed.position).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A secret that the app does not have: another app's, or nobody's.
async fn missing_secret(state: &AppState, secret_id: Uuid) -> ApiError {
    match chancery_projections::oauth2_app::app_of_secret(state.projections.pool(), secret_id).await
    {
        Ok(Some(_)) => ApiError::bad_request("App ID does not match secret app ID."),
        Ok(None) => ApiError::not_found(),
        Err(error) => error.into(),
    }
}
