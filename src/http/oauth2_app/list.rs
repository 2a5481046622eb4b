use axum::extract::{RawQuery, State};
use chancery_ledger::Position;
use chancery_projections::oauth2_app::{self, OAuth2App, OAuth2Apps};
use uuid::Uuid;

use crate::http::as_of::{AsOfPosition, Past};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, Resource};

use super::STREAM_TYPE;
use super::model::OAuth2ProviderApp;

/// Lists apps by name; with `user_id`, those for which that user holds tokens.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps",
    operation_id = "list_oauth2_apps",
    tag = "OAuth2 apps",
    params(
        ("user_id" = Option<Uuid>, Query, description = "Only apps for which this user holds tokens."),
        ("as_of" = Option<String>, Query, description = "As they were at this position of the record, or time as in RFC 3339; not with `user_id`."),
    ),
    responses(
        (status = 200, description = "The apps.", body = [OAuth2ProviderApp]),
        (status = 400, description = "`user_id` is not a UUID, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 404, description = "The tokens of that user are not the caller's to see.", body = ErrorBody),
    ),
)]
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<OAuth2ProviderApp>>, ApiError> {
    let _permit = session.decide(Action::Read, Resource::OAuth2App)?;
    let pool = state.projections.pool();
    let apps = match (user_filter(query.as_deref())?, as_of) {
        (None, None) => oauth2_app::list(pool).await?,
        (None, Some(position)) => past_apps(&state, position).await?,
        (Some(_), Some(_)) => {
            return Err(ApiError::bad_request(
                "\"as_of\" and \"user_id\" cannot be combined.",
            ));
        }
        (Some(user_id), None) => {
            let _permit = session.decide(Action::Read, Resource::OAuth2Grant { user_id })?;
            oauth2_app::list_by_user(pool, user_id, state.clock.now()).await?
        }
    };
    Ok(Json(
        apps.into_iter()
            .map(|app| OAuth2ProviderApp::new(app, &state.access_url))
            .collect(),
    ))
}

async fn past_apps(state: &AppState, until: Position) -> Result<Vec<OAuth2App>, ApiError> {
    let reader = state.ledger.reader();
    let events = reader.read_types_until(&[STREAM_TYPE], until).await?;
    let past = Past::new(state, &[&OAuth2Apps], events).await?;
    Ok(oauth2_app::list(past.pool()).await?)
}

fn user_filter(query: Option<&str>) -> Result<Option<Uuid>, ApiError> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let user_id = pairs
        .filter(|(name, value)| name == "user_id" && !value.is_empty())
        .map(|(_, value)| value)
        .next();
    user_id
        .map(|text| Uuid::try_parse(&text).map_err(|_| ApiError::bad_request("Invalid user UUID")))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_filter_is_absent_a_uuid_or_refused() {
        assert_eq!(user_filter(None).unwrap(), None);
        assert_eq!(user_filter(Some("user_id=&other=x")).unwrap(), None);
        let id = Uuid::from_u128(7);
        assert_eq!(
            user_filter(Some(&format!("user_id={id}"))).unwrap(),
            Some(id)
        );
        assert_eq!(
            user_filter(Some("user_id=me")).unwrap_err().body.message,
            "Invalid user UUID"
        );
    }
}
