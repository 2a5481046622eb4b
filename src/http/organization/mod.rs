//! Organizations (docs/contract/core.md 5).

mod model;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_operations::organization::{self, Organization, OrganizationForm};
use chancery_operations::organization_member;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::as_of::AsOfPosition;
use super::base::message::Message;
use super::base::path::segment_of;
use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};
use super::user::UserPath;
use model::OrganizationModel;

/// The routes under `/api/v2/organizations` that concern organizations themselves.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_organizations, create_organization))
        .routes(routes!(
            get_organization,
            update_organization,
            delete_organization
        ))
        .routes(routes!(list_organizations_of_user))
        .routes(routes!(get_organization_of_user))
}

/// The organization that the path names by `{organization}` (in one route `{organizationname}`): a UUID, a name, or `default`. An
/// extractor; one that the caller does not see is 404.
pub struct OrganizationPath(pub Organization);

impl FromRequestParts<AppState> for OrganizationPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let names = ["organization", "organizationname"];
        let (_, text) = segment_of(parts, state, &names).await?;
        Ok(Self(organization::find(&caller, &text).await?))
    }
}

/// The organizations that the caller may read, by name.
#[utoipa::path(
    get,
    path = "/api/v2/organizations",
    responses((status = 200, description = "The organizations.", body = Vec<OrganizationModel>), ReadRefusal)
)]
async fn list_organizations(
    SignedIn(caller): SignedIn,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    let organizations = organization::list(&caller).await?.into_iter();
    Ok(Json(organizations.map(OrganizationModel::from).collect()))
}

/// The organizations that a user belongs to, as far as the caller may read them, by name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations",
    tag = "Users",
    responses((status = 200, description = "The organizations.", body = Vec<OrganizationModel>), ReadRefusal)
)]
async fn list_organizations_of_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    let organizations = organization::list_of_user(&caller, &user).await?;
    let models = organizations.into_iter().map(OrganizationModel::from);
    Ok(Json(models.collect()))
}

/// An organization, by id, name or `default`.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}",
    params(AsOfPosition),
    responses((status = 200, description = "The organization.", body = OrganizationModel), ReadRefusal)
)]
async fn get_organization(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<OrganizationModel>, ApiError> {
    let organization = organization::get(&caller, organization, as_of).await?;
    Ok(Json(organization.into()))
}

/// An organization that a user belongs to.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations/{organizationname}",
    tag = "Users",
    params(("organizationname" = String, Path, description = "Organization id, name, or default")),
    responses((status = 200, description = "The organization.", body = OrganizationModel), ReadRefusal)
)]
async fn get_organization_of_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<OrganizationModel>, ApiError> {
    organization_member::find(&caller, &organization, user.id).await?;
    Ok(Json(organization.into()))
}

/// Makes an organization with its group of everyone. The caller is its first member.
#[utoipa::path(
    post,
    path = "/api/v2/organizations",
    responses((status = 201, description = "The new organization.", body = OrganizationModel), WriteRefusal)
)]
async fn create_organization(
    SignedIn(caller): SignedIn,
    Json(form): Json<OrganizationForm>,
) -> Result<(StatusCode, Json<OrganizationModel>), ApiError> {
    let organization = organization::create(&caller, form).await?;
    Ok((StatusCode::CREATED, Json(organization.into())))
}

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}",
    responses((status = 200, description = "The organization.", body = OrganizationModel), WriteRefusal)
)]
async fn update_organization(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Json(form): Json<OrganizationForm>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let organization = organization::update(&caller, organization.id, form).await?;
    Ok(Json(organization.into()))
}

/// Deletes an organization with its groups and memberships. Its users stay.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}",
    responses((status = 200, description = "The organization is deleted.", body = Message), WriteRefusal)
)]
async fn delete_organization(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<Message>, ApiError> {
    organization::delete(&caller, organization.id).await?;
    Ok(Json(Message::new("Organization has been deleted.")))
}
