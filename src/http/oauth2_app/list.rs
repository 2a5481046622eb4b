use axum::extract::{RawQuery, State};
use chancery_ledger::{EventFilter, Position};
use chancery_projections::oauth2_app::{self, OAuth2App, OAuth2Apps};
use chancery_projections::oauth2_grant::OAuth2Grants;
use uuid::Uuid;

use crate::http::as_of::{self, AsOfPosition, Past};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session, Validation};
use crate::policy::{Action, Resource};

use super::STREAM_TYPE;
use super::model::OAuth2ProviderApp;

/// The streams of grants, and the event that each begins with.
const GRANT_STREAM_TYPE: &str = "oauth2_grant";
const CODE_ISSUED: &str = "code_issued";

/// The most grants of a user whose past is asked for.
const GRANTS_MAX: usize = 10_000;

/// Lists apps by name; with `user_id`, those for which that user holds tokens.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps",
    operation_id = "list_oauth2_apps",
    tag = "OAuth2 apps",
    params(
        ("user_id" = Option<Uuid>, Query, description = "Only apps for which this user holds tokens."),
        ("as_of" = Option<String>, Query, description = "As they were at this position of the record, or time as in RFC 3339."),
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
        (Some(user_id), as_of) => {
            let _permit = session.decide(Action::Read, Resource::OAuth2Grant { user_id })?;
            match as_of {
                None => oauth2_app::list_by_user(pool, user_id, state.clock.now()).await?,
                Some(position) => past_apps_of(&state, user_id, position).await?,
            }
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

/// The apps for which a user held tokens then.
async fn past_apps_of(
    state: &AppState,
    user_id: Uuid,
    until: Position,
) -> Result<Vec<OAuth2App>, ApiError> {
    let reader = state.ledger.reader();
    let newest = reader.event(until).await?.ok_or_else(ApiError::not_found)?;
    // Every grant begins with a code, which nobody but its user asks for.
    let begun = EventFilter {
        until,
        aggregate_type: Some(GRANT_STREAM_TYPE.to_owned()),
        event_type: Some(CODE_ISSUED.to_owned()),
        actor: Some(user_id.to_string()),
        ..EventFilter::default()
    };
    let begun = reader.find(&begun, GRANTS_MAX + 1).await?;
    if begun.len() > GRANTS_MAX {
        let detail = format!(
            "Query param \"as_of\" cannot be combined with \"user_id\" where the user gave more than {GRANTS_MAX} authorizations"
        );
        let validation = Validation::new(as_of::PARAMETER, detail);
        return Err(ApiError::invalid_query(vec![validation]));
    }
    let streams: Vec<(String, String)> = begun
        .into_iter()
        .map(|event| (event.aggregate_type, event.aggregate_id))
        .collect();
    let mut events = reader.read_types_until(&[STREAM_TYPE], until).await?;
    events.extend(reader.read_streams_until(&streams, until).await?);
    events.sort_unstable_by_key(|event| event.position);
    let past = Past::new(state, &[&OAuth2Apps, &OAuth2Grants], events).await?;
    Ok(oauth2_app::list_by_user(past.pool(), user_id, newest.recorded_at).await?)
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
