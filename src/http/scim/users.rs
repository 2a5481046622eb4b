//! `/scim/v2/Users` (docs/contract/scim.md 2).

use axum::extract::Path;
use chancery_aggregates::user::UserId;
use chancery_operations::scim;
use uuid::Uuid;

use super::body::{ScimBody, ScimJson};
use super::client::ScimClient;
use super::error::{ScimError, ScimRefusal};
use super::model::{NothingListed, ScimUser};
use crate::http::base::Json;

/// Lists nobody, whatever is searched for: identity providers go on to make the user, and are told of the one that there is.
#[utoipa::path(
    get,
    path = "/scim/v2/Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "An empty list.", body = NothingListed, content_type = "application/scim+json"),
        ScimRefusal,
    )
)]
pub async fn list_scim_users(_client: ScimClient) -> ScimJson<NothingListed> {
    ScimJson(NothingListed::ANSWER)
}

/// Shows nobody: always 404.
#[utoipa::path(
    get,
    path = "/scim/v2/Users/{id}",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "User id")),
    responses(ScimRefusal)
)]
pub async fn get_scim_user(_client: ScimClient) -> ScimError {
    ScimError::not_found("endpoint will always return 404")
}

/// Makes a user who signs in with the identity provider, or finds the one of that e-mail address or user name, whose suspension
/// ends if it is sent as active.
#[utoipa::path(
    post,
    path = "/scim/v2/Users",
    security(("bearer" = [])),
    request_body = ScimUser,
    responses((status = 200, description = "The user as it was sent, with its id and its user name.", body = ScimUser), ScimRefusal)
)]
pub async fn create_scim_user(
    ScimClient(provisioner): ScimClient,
    ScimBody(mut user): ScimBody<ScimUser>,
) -> Result<Json<ScimUser>, ScimError> {
    let is_active = active(&user)?;
    let email = user.primary_email();
    let email =
        email.ok_or_else(|| ScimError::bad_request("invalidEmail", "no primary email provided"))?;
    let made = scim::provision(&provisioner, email, &user.user_name, is_active).await?;
    user.id = made.id.to_string();
    user.user_name = made.username;
    Ok(Json(user))
}

/// Suspends a user, or ends its suspension. Nothing else that is sent counts, but another user name is refused.
#[utoipa::path(
    put,
    path = "/scim/v2/Users/{id}",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "User id")),
    request_body = ScimUser,
    responses((status = 200, description = "The user as it was sent, with its id.", body = ScimUser), ScimRefusal)
)]
pub async fn replace_scim_user(
    ScimClient(provisioner): ScimClient,
    Path(id): Path<String>,
    ScimBody(mut sent): ScimBody<ScimUser>,
) -> Result<Json<ScimUser>, ScimError> {
    let is_active = active(&sent)?;
    let user = scim::find(&provisioner, user_id(&id)?).await?;
    if !sent.user_name.is_empty() && sent.user_name != user.username {
        let detail = format!(
            "username is currently an immutable field, and cannot be changed. Current: {}, New: {}",
            user.username, sent.user_name
        );
        return Err(ScimError::bad_request("mutability", detail));
    }
    scim::set_active(&provisioner, &user, is_active).await?;
    sent.id = user.id.to_string();
    Ok(Json(sent))
}

/// Suspends a user, or ends its suspension. Nothing else that is sent counts.
#[utoipa::path(
    patch,
    path = "/scim/v2/Users/{id}",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "User id")),
    request_body = ScimUser,
    responses((status = 200, description = "The user as it was sent, with its id.", body = ScimUser), ScimRefusal)
)]
pub async fn update_scim_user(
    ScimClient(provisioner): ScimClient,
    Path(id): Path<String>,
    ScimBody(mut sent): ScimBody<ScimUser>,
) -> Result<Json<ScimUser>, ScimError> {
    let user = scim::find(&provisioner, user_id(&id)?).await?;
    scim::set_active(&provisioner, &user, active(&sent)?).await?;
    sent.id = user.id.to_string();
    Ok(Json(sent))
}

fn active(user: &ScimUser) -> Result<bool, ScimError> {
    user.active
        .ok_or_else(|| ScimError::bad_request("invalidRequest", "active field is required"))
}

fn user_id(text: &str) -> Result<UserId, ScimError> {
    Uuid::try_parse(text)
        .map(UserId::new)
        .map_err(|error| ScimError::bad_request("invalidId", format!("id must be a uuid: {error}")))
}
