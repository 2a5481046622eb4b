//! `GET /api/v2/groups` and `GET /api/v2/organizations/{organization}/groups`.

use chancery_operations::group::{self, GroupQuery, MemberLimit};
use chancery_operations::{Caller, Failure, organization, user};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;
use uuid::Uuid;

use super::model::GroupModel;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::pagination::{Limit, Offset, UpTo};
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn, Validation};
use crate::http::organization::OrganizationPath;

/// Which groups, and which part of the list. All filters must match.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Of this organization: its id or name.
    organization: Option<String>,
    /// This user is in them: id, user name, or me.
    has_member: Option<String>,
    /// One of these: ids, separated by commas.
    #[serde(deserialize_with = "ids")]
    #[param(value_type = Option<String>)]
    group_ids: Option<Vec<Uuid>>,
    /// At most so many groups; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Leaving out so many groups.
    #[param(value_type = Option<i64>)]
    offset: Offset,
    /// Whether to leave the members out; their number is there all the same.
    #[param(value_type = Option<bool>)]
    exclude_members: Option<String>,
    /// At most so many members of each group (0 to 10000), the first by user name. When absent: all members while the groups of the
    /// answer have at most 1000 together, else of each as many as fit.
    #[param(value_type = Option<i64>)]
    member_limit: Option<UpTo<10_000>>,
    /// As they were at this position of the record, or time as in RFC 3339.
    #[serde(skip)]
    #[param(value_type = Option<String>)]
    #[allow(dead_code, reason = "described here, read by its own extractor")]
    as_of: (),
}

/// The groups that the caller may see, organization by organization, by name. Of large groups, only the first members are
/// shown: `total_member_count` tells how many there are. One who may not see all members of a group sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/groups",
    tag = "Enterprise",
    params(Parameters),
    responses(
        (status = 200, description = "The groups.", body = Vec<GroupModel>),
        ReadRefusal,
    )
)]
pub async fn list_groups(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let organization_id = match &parameters.organization {
        Some(text) => Some(
            organization::find(&caller, text)
                .await
                .map_err(|failure| unknown(failure, "organization", text))?
                .id,
        ),
        None => None,
    };
    answer(&caller, parameters, organization_id, as_of).await
}

/// The groups of an organization that the caller may see, by name. Of large groups, only the first members are shown:
/// `total_member_count` tells how many there are.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("has_member" = Option<String>, Query, description = "This user is in them: id, user name, or me."),
        ("group_ids" = Option<String>, Query, description = "One of these: ids, separated by commas."),
        ("limit" = Option<i64>, Query, description = "At most so many groups; all when 0 or absent."),
        ("offset" = Option<i64>, Query, description = "Leaving out so many groups."),
        ("exclude_members" = Option<bool>, Query, description = "Whether to leave the members out; their number is there all the same."),
        ("member_limit" = Option<i64>, Query, description = "At most so many members of each group (0 to 10000), the first by user name. When absent: all members while the groups of the answer have at most 1000 together, else of each as many as fit."),
        ("as_of" = Option<String>, Query, description = "As they were at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The groups.", body = Vec<GroupModel>),
        ReadRefusal,
    )
)]
pub async fn list_groups_of_organization(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    answer(&caller, parameters, Some(organization.id), as_of).await
}

impl Parameters {
    fn member_limit(&self) -> Result<MemberLimit, ApiError> {
        let each = |limit: UpTo<10_000>| MemberLimit::Each(limit.number());
        match self.exclude_members.as_deref() {
            None | Some("false") => Ok(self.member_limit.map_or(MemberLimit::Fitting, each)),
            Some("true") => Ok(MemberLimit::Each(0)),
            Some(other) => {
                let detail = format!("Query param \"exclude_members\" has invalid value: {other}");
                let invalid = Validation::new("exclude_members", detail);
                Err(ApiError::invalid_query(vec![invalid]))
            }
        }
    }
}

async fn answer(
    caller: &Caller,
    parameters: Parameters,
    organization_id: Option<Uuid>,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let members = parameters.member_limit()?;
    let has_member = match &parameters.has_member {
        Some(text) => Some(
            user::find(caller, text)
                .await
                .map_err(|failure| unknown(failure, "has_member", text))?
                .id,
        ),
        None => None,
    };
    let query = GroupQuery {
        organization_id,
        has_member,
        group_ids: parameters.group_ids,
        limit: parameters.limit.unless_zero(),
        offset: parameters.offset.number(),
        members,
    };
    let groups = group::list(caller, query, as_of).await?.into_iter();
    Ok(Json(groups.map(GroupModel::from).collect()))
}

/// Ids, separated by commas.
fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Uuid>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let ids = text.split(',').map(|id| Uuid::try_parse(id.trim()));
    let invalid = |_| Error::custom("must be a valid uuid, or several with commas between");
    ids.collect::<Result<_, _>>().map(Some).map_err(invalid)
}

/// An unknown thing in a parameter is a bad parameter. One that the caller may not see is unknown.
fn unknown(failure: Failure, parameter: &str, text: &str) -> ApiError {
    if !matches!(failure, Failure::NotFound) {
        return failure.into();
    }
    let detail =
        format!("Query param \"{parameter}\" has invalid value: \"{text}\" does not exist");
    ApiError::invalid_query(vec![Validation::new(parameter, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::base::query::parse;

    #[test]
    fn parameters_that_are_unknown_or_given_twice_are_named() {
        let refused = parse::<Parameters>("organisation=x&limit=1&limit=2").unwrap_err();
        let fields: Vec<_> = refused.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["organisation", "limit"]);
        assert!(parse::<Parameters>("coder_session_token=x&access_token=y&as_of=7").is_ok());
    }

    #[test]
    fn an_empty_filter_filters_nothing() {
        let parameters: Parameters = parse("organization=&has_member=&group_ids=").unwrap();
        assert_eq!(parameters.organization, None);
        assert_eq!(parameters.has_member, None);
        assert_eq!(parameters.group_ids, None);
    }

    #[test]
    fn group_ids_are_separated_by_commas() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let parameters: Parameters = parse(&format!("group_ids={one},{two}")).unwrap();
        assert_eq!(parameters.group_ids, Some(vec![one, two]));
        let bad = parse::<Parameters>(&format!("group_ids={one},x")).unwrap_err();
        assert_eq!(bad[0].field, "group_ids");
    }
}
