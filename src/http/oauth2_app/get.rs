use axum::extract::{Path, State};

use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

use super::model::OAuth2ProviderApp;
use super::{find_app, parse_app_id};

/// Shows one app.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}",
    operation_id = "get_oauth2_app",
    tag = "OAuth2 apps",
    params(("app" = uuid::Uuid, Path, description = "The app's id.")),
    responses(
        (status = 200, description = "The app.", body = OAuth2ProviderApp),
        (status = 400, description = "The id is not a UUID.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
    ),
)]
pub async fn get(
    State(state): State<AppState>,
    session: Session,
    Path(app): Path<String>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let _permit = session.decide(Action::Read, Resource::OAuth2App)?;
    let app = find_app(&state, parse_app_id(&app)?).await?;
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}
