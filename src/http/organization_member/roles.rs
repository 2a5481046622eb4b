//! `PUT /api/v2/organizations/{organization}/members/{user}/roles`.

use axum::extract::{Path, State};
use chancery_aggregates::organization_member::{self, Command, Error, OrganizationMember};
use chancery_projections::ProjectionName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::find;
use super::model::MemberModel;
use crate::http::json::null_as_default;
use crate::http::organization::{PathOrganization, decide};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, OrganizationPart, OrganizationRole};

/// The role that every member has: it may be named, and changes nothing.
const IMPLICIT_ROLE: &str = "organization-member";

/// The new roles in the organization.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateMemberRoles {
    /// All roles that the member is to have in the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    roles: Vec<String>,
}

/// Replaces the roles of a member. A role that is given or taken must be one that the caller may assign.
#[utoipa::path(
    put,
    path = "/api/v2/organizations/{organization}/members/{user}/roles",
    tag = "Members",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("user" = String, Path, description = "User id, user name, or me"),
    ),
    request_body = UpdateMemberRoles,
    responses(
        (status = 200, description = "The member.", body = MemberModel),
        (status = 400, description = "A role is unknown, or the user is the caller.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not assign these roles.", body = ErrorBody),
        (status = 404, description = "No such organization or user, none that the caller may see, or the user is no member.", body = ErrorBody),
        (status = 409, description = "The membership is being changed by other requests.", body = ErrorBody),
    )
)]
pub async fn update_member_roles(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path((organization, user)): Path<(String, String)>,
    Json(request): Json<UpdateMemberRoles>,
) -> Result<Json<MemberModel>, ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let part = OrganizationPart::MemberRoles;
    let permit = decide(&session, Action::Update, organization_id, part)?;
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let member = find(&state, organization_id, user_id).await?;
    if user_id == session.user_id() {
        return Err(ApiError::bad_request(
            "You cannot change your own organization roles.",
        ));
    }
    let wanted = known(&request.roles)?;
    let subject = session.subject();
    let has = |role: &OrganizationRole| member.roles.iter().any(|name| name == role.name());
    let mut changed = OrganizationRole::ALL
        .into_iter()
        .filter(|role| wanted.contains(role) != has(role));
    if changed.any(|role| !subject.may_assign_in(organization_id, role)) {
        return Err(ApiError::forbidden());
    }
    let command = Command::ChangeOrganizationMemberRoles {
        organization_id,
        user_id,
        roles: wanted.iter().map(|role| role.name().to_owned()).collect(),
    };
    let executed = state
        .commands(&permit)
        .execute::<OrganizationMember>(
            &organization_member::stream_id(organization_id, user_id),
            command,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::NotMember => ApiError::not_found(),
                Error::AlreadyMember => ApiError::internal(&refused),
            })
        })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, executed.position)
        .await?;
    Ok(Json(find(&state, organization_id, user_id).await?.into()))
}

/// The roles of these names, each once, in the order of lists.
fn known(names: &[String]) -> Result<Vec<OrganizationRole>, ApiError> {
    let unknown: Vec<Validation> = names
        .iter()
        .filter(|name| *name != IMPLICIT_ROLE && OrganizationRole::from_name(name).is_none())
        .map(|name| Validation::new("roles", format!("\"{name}\" is not an organization role")))
        .collect();
    if !unknown.is_empty() {
        let text = "One or more roles are not organization roles.";
        return Err(ApiError::bad_request(text).with_validations(unknown));
    }
    let mut roles = OrganizationRole::ALL.to_vec();
    roles.retain(|role| names.iter().any(|name| name == role.name()));
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn roles_are_taken_once_each_and_membership_goes_without_saying() {
        let named = [
            "organization-auditor",
            "organization-member",
            "organization-auditor",
        ];
        assert_eq!(known(&names(&named)).unwrap(), [OrganizationRole::Auditor]);
    }

    #[test]
    fn site_roles_and_others_are_refused_each() {
        let error = known(&names(&["owner", "organization-admin", "king"])).unwrap_err();
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
