//! `GET /api/v2/organizations/{organization}/members` and `…/paginated-members`.

use axum::extract::{Path, State};
use chancery_projections::organization;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ListedMemberModel;
use crate::http::organization::{PathOrganization, decide};
use crate::http::pagination::Pagination;
use crate::http::{ApiError, AppState, ErrorBody, Json, Query, Session};
use crate::policy::{Action, OrganizationPart};

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// At most so many members; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Option<String>,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaginatedMembersResponse)]
pub struct Members {
    /// The members, in order of joining.
    members: Vec<ListedMemberModel>,
    /// How many there are in all.
    count: i64,
}

/// The members of an organization, in order of joining.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/members",
    tag = "Members",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    responses(
        (status = 200, description = "The members.", body = Vec<ListedMemberModel>),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_members(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
) -> Result<Json<Vec<ListedMemberModel>>, ApiError> {
    let everything = Parameters::default();
    Ok(Json(
        page(&state, &session, &organization, &everything)
            .await?
            .members,
    ))
}

/// A page of the members of an organization, in order of joining.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/paginated-members",
    tag = "Members",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        Parameters,
    ),
    responses(
        (status = 200, description = "The members.", body = Members),
        (status = 400, description = "A parameter is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_paginated_members(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    Ok(Json(
        page(&state, &session, &organization, &parameters).await?,
    ))
}

async fn page(
    state: &AppState,
    session: &Session,
    organization: &str,
    parameters: &Parameters,
) -> Result<Members, ApiError> {
    let organization = PathOrganization::find(state, session, organization).await?;
    let _ = decide(
        session,
        Action::Read,
        organization.id,
        OrganizationPart::Members,
    )?;
    let page = Pagination::parse(
        parameters.limit.as_deref(),
        parameters.offset.as_deref(),
        None,
    )?;
    let members = organization::list_members(
        state.projections.pool(),
        organization.id,
        page.limit_or_all(),
        page.offset,
    )
    .await?;
    Ok(Members {
        members: members.into_iter().map(ListedMemberModel::from).collect(),
        count: organization.member_count,
    })
}
