use axum::extract::{Path, State};
use chancery_ledger::Position;
use chancery_projections::oauth2_app::{self, OAuth2App, OAuth2Apps};
use uuid::Uuid;

use crate::http::as_of::{AsOfPosition, Past};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

use super::model::OAuth2ProviderApp;
use super::{STREAM_TYPE, app_not_found, find_app, parse_app_id};

/// Shows one app.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}",
    operation_id = "get_oauth2_app",
    tag = "OAuth2 apps",
    params(
        ("app" = uuid::Uuid, Path, description = "The app's id."),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The app.", body = OAuth2ProviderApp),
        (status = 400, description = "The id is not a UUID, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 404, description = "No such app.", body = ErrorBody),
    ),
)]
pub async fn get(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path(app): Path<String>,
) -> Result<Json<OAuth2ProviderApp>, ApiError> {
    let _permit = session.decide(Action::Read, Resource::OAuth2App)?;
    let id = parse_app_id(&app)?;
    let app = match as_of {
        None => find_app(&state, id).await?,
        Some(position) => past_app(&state, id, position).await?,
    };
    Ok(Json(OAuth2ProviderApp::new(app, &state.access_url)))
}

async fn past_app(state: &AppState, id: Uuid, until: Position) -> Result<OAuth2App, ApiError> {
    let reader = state.ledger.reader();
    let events = reader
        .read_stream_until(STREAM_TYPE, &id.to_string(), until)
        .await?;
    let past = Past::new(state, &[&OAuth2Apps], events).await?;
    let app = oauth2_app::get(past.pool(), id).await?;
    app.ok_or_else(app_not_found)
}
