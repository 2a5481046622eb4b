//! `GET /api/v2/groups` and `GET /api/v2/organizations/{organization}/groups`.

use axum::extract::RawQuery;
use chancery_operations::group::{self, GroupFilter, MemberLimit};
use chancery_operations::{Caller, Failure, organization, user};
use utoipa::IntoParams;
use uuid::Uuid;

use super::model::GroupModel;
use crate::http::base::as_of::{self, AsOfPosition};
use crate::http::base::pagination::Pagination;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, Validation};
use crate::http::organization::OrganizationPath;

const MEMBER_LIMIT_MAX: i64 = 10_000;

/// Credentials may come as query parameters (docs/contract/core.md 3.1).
const CREDENTIALS: [&str; 2] = ["coder_session_token", "access_token"];

/// Which groups, and which part of the list. All filters must match.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Of this organization: its id or name.
    organization: Option<String>,
    /// This user is in them: id, user name, or me.
    has_member: Option<String>,
    /// One of these: ids, separated by commas.
    group_ids: Option<String>,
    /// At most so many groups; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// Leaving out so many groups.
    #[param(value_type = Option<i64>)]
    offset: Option<String>,
    /// Whether to leave the members out; their number is there all the same.
    #[param(value_type = Option<bool>)]
    exclude_members: Option<String>,
    /// At most so many members of each group (0 to 10000), the first by user name. When absent: all members while the groups of the
    /// answer have at most 1000 together, else of each as many as fit.
    #[param(value_type = Option<i64>)]
    member_limit: Option<String>,
    /// As they were at this position of the record, or time as in RFC 3339.
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
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
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
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    answer(&caller, parameters, Some(organization.id), as_of).await
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut parameters = Self::default();
        let mut validations = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "organization" => &mut parameters.organization,
                "has_member" => &mut parameters.has_member,
                "group_ids" => &mut parameters.group_ids,
                "limit" => &mut parameters.limit,
                "offset" => &mut parameters.offset,
                "exclude_members" => &mut parameters.exclude_members,
                "member_limit" => &mut parameters.member_limit,
                name if CREDENTIALS.contains(&name) || name == as_of::PARAMETER => continue,
                name => {
                    let detail = format!("Query param \"{name}\" is not a valid query param");
                    validations.push(Validation::new(name, detail));
                    continue;
                }
            };
            if place.is_some() {
                let detail = format!("Query param \"{name}\" is given twice");
                validations.push(Validation::new(&*name, detail));
            }
            if !value.is_empty() {
                *place = Some(value.into_owned());
            }
        }
        if validations.is_empty() {
            Ok(parameters)
        } else {
            Err(ApiError::invalid_query(validations))
        }
    }

    fn group_ids(&self) -> Result<Option<Vec<Uuid>>, ApiError> {
        let Some(text) = &self.group_ids else {
            return Ok(None);
        };
        let ids = text.split(',').map(|id| Uuid::try_parse(id.trim()));
        let ids = ids.collect::<Result<Vec<Uuid>, _>>().map_err(|_| {
            let detail =
                "Query param \"group_ids\" must be a valid uuid, or several with commas between";
            ApiError::invalid_query(vec![Validation::new("group_ids", detail)])
        })?;
        Ok(Some(ids))
    }

    fn member_limit(&self) -> Result<MemberLimit, ApiError> {
        let limit = match self.member_limit.as_deref() {
            None => MemberLimit::Fitting,
            Some(text) => {
                let limit = text.parse().ok();
                let limit = limit.filter(|limit| (0..=MEMBER_LIMIT_MAX).contains(limit));
                MemberLimit::Each(limit.ok_or_else(|| {
                    invalid(
                        "member_limit",
                        format!("Query param \"member_limit\" must be a valid integer (0 to {MEMBER_LIMIT_MAX})"),
                    )
                })?)
            }
        };
        match self.exclude_members.as_deref() {
            None | Some("false") => Ok(limit),
            Some("true") => Ok(MemberLimit::Each(0)),
            Some(other) => Err(invalid(
                "exclude_members",
                format!("Query param \"exclude_members\" has invalid value: {other}"),
            )),
        }
    }
}

async fn answer(
    caller: &Caller,
    parameters: Parameters,
    organization_id: Option<Uuid>,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let (limit, offset) = (parameters.limit.as_deref(), parameters.offset.as_deref());
    let page = Pagination::parse(limit, offset, None)?;
    let members = parameters.member_limit()?;
    let group_ids = parameters.group_ids()?;
    let has_member = match &parameters.has_member {
        Some(text) => Some(
            user::find(caller, text)
                .await
                .map_err(|failure| unknown(failure, "has_member", text))?
                .id,
        ),
        None => None,
    };
    let filter = GroupFilter {
        organization_id,
        has_member,
        ids: group_ids,
        limit: page.limit_or_all(),
        offset: page.offset,
        ..GroupFilter::default()
    };
    let groups = group::list(caller, filter, members, as_of)
        .await?
        .into_iter();
    Ok(Json(groups.map(GroupModel::from).collect()))
}

fn invalid(parameter: &str, detail: String) -> ApiError {
    ApiError::invalid_query(vec![Validation::new(parameter, detail)])
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

    fn refused_fields(query: &str) -> Vec<String> {
        let error = Parameters::parse(query).unwrap_err();
        error
            .body
            .validations
            .into_iter()
            .map(|one| one.field)
            .collect()
    }

    #[test]
    fn parameters_that_are_unknown_or_given_twice_are_named() {
        assert_eq!(
            refused_fields("organisation=x&limit=1&limit=2"),
            ["organisation", "limit"]
        );
        assert!(Parameters::parse("coder_session_token=x&access_token=y").is_ok());
    }

    #[test]
    fn an_empty_filter_filters_nothing() {
        let parameters = Parameters::parse("organization=&has_member=&group_ids=").unwrap();
        assert_eq!(parameters.organization, None);
        assert_eq!(parameters.has_member, None);
        assert_eq!(parameters.group_ids().unwrap(), None);
    }

    #[test]
    fn group_ids_are_separated_by_commas() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let parameters = Parameters::parse(&format!("group_ids={one},{two}")).unwrap();
        assert_eq!(parameters.group_ids().unwrap(), Some(vec![one, two]));
        let bad = Parameters::parse(&format!("group_ids={one},x")).unwrap();
        assert_eq!(
            bad.group_ids().unwrap_err().body.validations[0].field,
            "group_ids"
        );
    }
}
