//! `GET /api/v2/organizations/{organization}/members` and `…/paginated-members`.

use chancery_operations::Caller;
use chancery_operations::organization::Organization;
use chancery_operations::organization_member;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ListedMemberModel;
use crate::http::base::pagination::{Limit, Offset};
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn};
use crate::http::organization::OrganizationPath;

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// At most so many members; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Offset,
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
    responses(
        (status = 200, description = "The members.", body = Vec<ListedMemberModel>),
        ReadRefusal,
    )
)]
pub async fn list_members(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<Vec<ListedMemberModel>>, ApiError> {
    let everyone = page(&caller, &organization, &Parameters::default()).await?;
    Ok(Json(everyone.members))
}

/// A page of the members of an organization, in order of joining.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/paginated-members",
    params(Parameters),
    responses(
        (status = 200, description = "The members.", body = Members),
        ReadRefusal,
    )
)]
pub async fn list_paginated_members(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    Ok(Json(page(&caller, &organization, &parameters).await?))
}

async fn page(
    caller: &Caller,
    organization: &Organization,
    parameters: &Parameters,
) -> Result<Members, ApiError> {
    let (limit, offset) = (parameters.limit.unless_zero(), parameters.offset.number());
    let found = organization_member::list(caller, organization, limit, offset).await?;
    let members = found.members.into_iter();
    Ok(Members {
        members: members.map(ListedMemberModel::from).collect(),
        count: found.count,
    })
}
