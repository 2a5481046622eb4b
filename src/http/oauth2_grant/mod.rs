//! `/api/v2/users/{user}/oauth2-grants`: what a user has given to whom.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_aggregates::oauth2_app::{OAuth2App, OAuth2AppId, RegisteredBy};
use chancery_operations::oauth2_grant::{self, GivenGrant};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::path::segment;
use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};
use super::user::UserPath;

/// The routes of grants.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_oauth2_grants, delete_oauth2_grants))
        .routes(routes!(delete_oauth2_grant))
}

/// The `{grant}` of a path. An extractor.
struct GrantId(String);

impl FromRequestParts<AppState> for GrantId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "grant").await.map(Self)
    }
}

/// What an app may do for a user.
#[derive(Debug, Serialize, ToSchema)]
struct OAuth2GrantModel {
    /// Its id.
    id: String,
    /// The app.
    app: GrantedApp,
    /// The resource that its tokens are for (RFC 8707); null: this server's own API, with everything the user may do.
    resource: Option<String>,
    /// The scope that was granted, separated by spaces; may be empty.
    scope: String,
    /// Since when.
    created_at: DateTime<Utc>,
    /// When a token of it was last used, here or at its resource, at most an hour late; null: not yet.
    last_used_at: Option<DateTime<Utc>>,
    /// When nothing of it works any more, unless it is refreshed before.
    expires_at: Option<DateTime<Utc>>,
}

/// The app of a grant.
#[derive(Debug, Serialize, ToSchema)]
struct GrantedApp {
    /// Its id.
    id: OAuth2AppId,
    /// The id that it asks with: the same, or the URL of its document.
    client_id: String,
    /// What it is called; nobody has checked that of an app that made itself.
    name: String,
    /// URL or site path of a picture; may be empty.
    icon: String,
    /// Who made it.
    registered_by: Registrar,
}

/// Who made an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registrar {
    /// An administrator.
    Administrator,
    /// Itself: it registered (RFC 7591).
    Itself,
    /// Itself: its id names a document.
    Document,
}

impl Registrar {
    /// Who made `app`.
    pub fn of(app: &OAuth2App) -> Self {
        match app
            .registration
            .as_ref()
            .map(|registration| &registration.by)
        {
            None => Self::Administrator,
            Some(RegisteredBy::Request { .. }) => Self::Itself,
            Some(RegisteredBy::Document { .. }) => Self::Document,
        }
    }
}

impl From<GivenGrant> for OAuth2GrantModel {
    fn from(given: GivenGrant) -> Self {
        let expires_at = given.expires_at();
        let (grant, id, app) = (given.grant, given.app.id, given.app.thing);
        Self {
            id: grant.id,
            app: GrantedApp {
                id,
                client_id: app.client_id(id),
                registered_by: Registrar::of(&app),
                name: app.settings.name.into(),
                icon: app.settings.icon.into(),
            },
            resource: grant.audience,
            scope: grant.scope,
            created_at: grant.exchanged_at.unwrap_or(grant.issued_at),
            last_used_at: given.last_used_at,
            expires_at,
        }
    }
}

/// What a user has given to apps and is in force, the newest first.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/oauth2-grants",
    responses((status = 200, description = "The grants.", body = [OAuth2GrantModel]), ReadRefusal)
)]
async fn list_oauth2_grants(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<Vec<OAuth2GrantModel>>, ApiError> {
    let given = oauth2_grant::list_given(&caller, user.id).await?;
    Ok(Json(
        given.into_iter().map(OAuth2GrantModel::from).collect(),
    ))
}

/// Takes a grant back: its tokens end.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}/oauth2-grants/{grant}",
    params(("grant" = String, Path, description = "The grant's id.")),
    responses((status = 204, description = "Its tokens no longer work."), WriteRefusal)
)]
async fn delete_oauth2_grant(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    GrantId(grant): GrantId,
) -> Result<StatusCode, ApiError> {
    oauth2_grant::withdraw(&caller, user.id, &grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes everything back that a user has given to apps.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}/oauth2-grants",
    responses((status = 204, description = "No app's codes and tokens work any more."), WriteRefusal)
)]
async fn delete_oauth2_grants(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<StatusCode, ApiError> {
    oauth2_grant::withdraw_all(&caller, user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
