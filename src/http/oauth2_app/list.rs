//! `GET /api/v2/oauth2-provider/apps`.

use axum::extract::{RawQuery, State};
use chancery_operations::oauth2_app;
use uuid::Uuid;

use super::model::OAuth2ProviderApp;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};

/// Lists apps by name; with `user_id`, those for which that user holds tokens.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps",
    tag = "OAuth2 apps",
    params(
        ("user_id" = Option<Uuid>, Query, description = "Only apps for which this user holds tokens."),
        ("as_of" = Option<String>, Query, description = "As they were at this position of the record, or time as in RFC 3339."),
    ),
    responses((status = 200, description = "The apps.", body = [OAuth2ProviderApp]), ReadRefusal)
)]
pub async fn list_oauth2_apps(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<OAuth2ProviderApp>>, ApiError> {
    let user_id = user_filter(query.as_deref())?;
    let apps = oauth2_app::list(&caller, user_id, as_of).await?.into_iter();
    let models = apps.map(|app| OAuth2ProviderApp::new(app, &state.access_url));
    Ok(Json(models.collect()))
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
