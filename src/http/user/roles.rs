//! `/api/v2/users/{user}/roles`.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use chancery_aggregates::user::Command;
use chancery_projections::user;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PathUser, UserModel, changed};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, Resource, Role};

/// The role that everyone has: it may be named, and changes nothing.
const IMPLICIT_ROLE: &str = "member";

/// The roles of a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserRoles {
    /// Site roles; the implicit `member` is not listed.
    roles: Vec<String>,
    /// Roles in each organization that the user belongs to, by its id.
    organization_roles: BTreeMap<Uuid, Vec<String>>,
}

/// The new site roles.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateRoles {
    /// All site roles that the user is to have.
    #[serde(default, deserialize_with = "null_as_default")]
    roles: Vec<String>,
}

/// The roles of a user, on the site and in its organizations.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/roles",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The roles.", body = UserRoles),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_user_roles(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<UserRoles>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let organization_roles = user::organization_roles(state.projections.pool(), user.id).await?;
    Ok(Json(UserRoles {
        roles: user.roles,
        organization_roles: organization_roles.into_iter().collect(),
    }))
}

/// Replaces the site roles of a user. A role that is given or taken must be one that the caller may assign.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/roles",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = UpdateRoles,
    responses(
        (status = 200, description = "The user.", body = UserModel),
        (status = 400, description = "A role is unknown, or the user is the caller.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not assign these roles.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn update_user_roles(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
    Json(request): Json<UpdateRoles>,
) -> Result<Json<UserModel>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    if user.id == session.user_id() {
        return Err(ApiError::bad_request("You cannot change your own roles."));
    }
    let permit = session.decide(Action::Update, Resource::SiteRoles { user_id: user.id })?;
    let wanted = known(&request.roles)?;
    let present = user.roles.iter().filter_map(|name| Role::from_name(name));
    let subject = session.subject();
    let changes = Role::ALL
        .into_iter()
        .filter(|role| wanted.contains(role) != present.clone().any(|present| present == *role));
    if changes.into_iter().any(|role| !subject.may_assign(role)) {
        return Err(ApiError::forbidden());
    }
    let roles = wanted.iter().map(|role| role.name().to_owned()).collect();
    let command = Command::ChangeRoles { roles };
    changed::change(&state, &session, &facts, &permit, user.id, command).await?;
    Ok(Json(changed::read(&state, user.id).await?))
}

fn known(names: &[String]) -> Result<Vec<Role>, ApiError> {
    let mut roles = Vec::new();
    let mut validations = Vec::new();
    for name in names.iter().filter(|name| *name != IMPLICIT_ROLE) {
        match Role::from_name(name) {
            Some(role) => roles.push(role),
            None => validations.push(Validation::new(
                "roles",
                format!("\"{name}\" is not a site role"),
            )),
        }
    }
    if validations.is_empty() {
        Ok(roles)
    } else {
        Err(
            ApiError::bad_request("One or more roles are not site roles.")
                .with_validations(validations),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn site_roles_are_known_and_member_goes_without_saying() {
        let roles = known(&names(&["member", "owner", "auditor"])).unwrap();
        assert_eq!(roles, [Role::Owner, Role::Auditor]);
    }

    #[test]
    fn organization_roles_and_others_are_refused_each() {
        let error = known(&names(&["organization-admin", "owner", "king"])).unwrap_err();
        assert_eq!(error.body.validations.len(), 2);
        assert!(
            error
                .body
                .validations
                .iter()
                .all(|invalid| invalid.field == "roles")
        );
    }
}
