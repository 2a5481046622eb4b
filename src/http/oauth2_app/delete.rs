use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::oauth2_app::{Command, OAuth2App};

use crate::http::{ApiError, AppState, ErrorBody, RequestFacts, Session};
use crate::policy::{Action, Resource};

use super::{parse_app_id, refused, wait_for_apps_and_grants};

/// Deletes an app with its secrets, codes and tokens.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}",
    operation_id = "delete_oauth2_app",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses(
        (status = 204, description = "Deleted."),
        (status = 400, description = "The id is not a UUID.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
        (status = 503, description = "The ledger cannot record now.", body = ErrorBody),
    ),
)]
pub async fn delete(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(app): Path<String>,
) -> Result<StatusCode, ApiError> {
    let permit = session.decide(Action::Delete, Resource::OAuth2App)?;
    let app_id = parse_app_id(&app)?;
    let context = facts.command(&state, &session.actor());
    let executed = state
        .commands(&permit)
        .execute::<OAuth2App>(&app_id.to_string(), Command::DeleteOAuth2App, &context)
        .await
        .map_err(|error| ApiError::of_execute(error, refused))?;
    wait_for_apps_and_grants(&state, executed.position).await?;
    Ok(StatusCode::NO_CONTENT)
}
