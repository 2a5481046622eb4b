//! `GET /api/v2/groups/{group}/members` and `GET /api/v2/organizations/{organization}/groups/{groupName}/members`.

use chancery_operations::Caller;
use chancery_operations::group::{self, GroupRef};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ReducedUser;
use super::path::{GroupId, GroupName};
use crate::http::base::as_of::AsOfPosition;
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
    /// As they were at this position of the record, or time as in RFC 3339.
    #[serde(skip)]
    #[param(value_type = Option<String>)]
    #[allow(dead_code, reason = "described here, read by its own extractor")]
    as_of: (),
}

/// A page of the members of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMembersResponse)]
pub struct Members {
    /// The members, by user name.
    users: Vec<ReducedUser>,
    /// How many there are in all that the caller may see.
    count: i64,
}

/// A page of the members of a group, by user name. One who may not see all members sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/groups/{group}/members",
    tag = "Enterprise",
    params(("group" = uuid::Uuid, Path, description = "Group id"), Parameters),
    responses(
        (status = 200, description = "The members.", body = Members),
        ReadRefusal,
    )
)]
pub async fn list_group_members(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    GroupId(id): GroupId,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    answer(&caller, GroupRef::Id(id), &parameters, as_of).await
}

/// A page of the members of a group that is named in its organization, by user name. One who may not see all members sees
/// himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups/{groupName}/members",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("groupName" = String, Path, description = "Group name"),
        Parameters,
    ),
    responses(
        (status = 200, description = "The members.", body = Members),
        ReadRefusal,
    )
)]
pub async fn list_group_members_by_name(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
    GroupName(name): GroupName,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Members>, ApiError> {
    let reference = GroupRef::Name(&organization, &name);
    answer(&caller, reference, &parameters, as_of).await
}

async fn answer(
    caller: &Caller,
    reference: GroupRef<'_>,
    parameters: &Parameters,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Members>, ApiError> {
    let page = (parameters.limit.unless_zero(), parameters.offset.number());
    let (users, count) = group::list_members(caller, reference, page, as_of).await?;
    Ok(Json(Members {
        users: users.into_iter().map(ReducedUser::from).collect(),
        count,
    }))
}
