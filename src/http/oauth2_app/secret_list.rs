use axum::extract::{Path, State};

use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

use super::model::OAuth2ProviderAppSecret;
use super::{find_app, parse_app_id};

/// Lists an app's secrets by creation time, without their texts.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    operation_id = "list_oauth2_app_secrets",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses(
        (status = 200, description = "The secrets.", body = [OAuth2ProviderAppSecret]),
        (status = 400, description = "The id is not a UUID.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "Not an owner.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
    ),
)]
pub async fn list_secrets(
    State(state): State<AppState>,
    session: Session,
    Path(app): Path<String>,
) -> Result<Json<Vec<OAuth2ProviderAppSecret>>, ApiError> {
    let _permit = session.decide(Action::Read, Resource::OAuth2AppSecret)?;
    let app = find_app(&state, parse_app_id(&app)?).await?;
    let secrets =
        chancery_projections::oauth2_app::secrets(state.projections.pool(), app.id).await?;
    Ok(Json(
        secrets
            .into_iter()
            .map(OAuth2ProviderAppSecret::from)
            .collect(),
    ))
}
