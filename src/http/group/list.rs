//! `GET /api/v2/groups` and `GET /api/v2/organizations/{organization}/groups`.

use std::borrow::Cow;

use chancery_aggregates::group::GroupId;
use chancery_aggregates::organization::OrganizationId;
use chancery_operations::group::{self, GroupFilter, MemberLimit};
use chancery_operations::{Caller, Failure, organization, user};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

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
    /// Counts where the path names none, and is described there.
    #[param(ignore)]
    organization: Option<String>,
    /// This user is in them: id, user name, or me.
    has_member: Option<String>,
    /// One of these: ids, separated by commas.
    #[serde(deserialize_with = "ids")]
    #[param(value_type = Option<String>)]
    group_ids: Option<Vec<GroupId>>,
    /// At most so many groups; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Leaving out so many groups.
    #[param(value_type = Option<i64>)]
    offset: Offset,
    /// Whether to leave the members out; their number is there all the same.
    #[serde(deserialize_with = "flag")]
    #[param(value_type = Option<bool>)]
    exclude_members: bool,
    /// At most so many members of each group (0 to 10000), the first by user name. When absent: all members while the groups of the
    /// answer have at most 1000 together, else of each as many as fit.
    #[param(value_type = Option<i64>)]
    member_limit: Option<UpTo<10_000>>,
}

/// The groups that the caller may see, organization by organization, by name. Of large groups, only the first members are
/// shown: `total_member_count` tells how many there are. One who may not see all members of a group sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/groups",
    params(
        ("organization" = Option<String>, Query, description = "Of this organization: its id or name."),
        Parameters,
        AsOfPosition,
    ),
    responses((status = 200, description = "The groups.", body = Vec<GroupModel>), ReadRefusal)
)]
pub async fn list_groups(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let organization_id = match &parameters.organization {
        None => None,
        Some(text) => {
            let found = organization::find(&caller, text).await;
            Some(found.map_err(unknown("organization", text))?.id)
        }
    };
    answer(&caller, parameters, organization_id, as_of).await
}

/// The groups of an organization that the caller may see, by name. Of large groups, only the first members are shown:
/// `total_member_count` tells how many there are.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/groups",
    params(Parameters, AsOfPosition),
    responses((status = 200, description = "The groups.", body = Vec<GroupModel>), ReadRefusal)
)]
pub async fn list_groups_of_organization(
    SignedIn(caller): SignedIn,
    as_of: AsOfPosition,
    OrganizationPath(organization): OrganizationPath,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    answer(&caller, parameters, Some(organization.id), as_of).await
}

async fn answer(
    caller: &Caller,
    parameters: Parameters,
    organization_id: Option<OrganizationId>,
    AsOfPosition(as_of): AsOfPosition,
) -> Result<Json<Vec<GroupModel>>, ApiError> {
    let has_member = match &parameters.has_member {
        None => None,
        Some(text) => {
            let found = user::find(caller, text).await;
            Some(found.map_err(unknown("has_member", text))?.id)
        }
    };
    let filter = GroupFilter {
        organization_id,
        has_member,
        ids: parameters.group_ids,
        limit: parameters.limit.unless_zero(),
        offset: parameters.offset.number(),
        ..GroupFilter::default()
    };
    let members = match (parameters.exclude_members, parameters.member_limit) {
        (true, _) => MemberLimit::Each(0),
        (false, Some(limit)) => MemberLimit::Each(limit.number()),
        (false, None) => MemberLimit::Fitting,
    };
    let groups = group::list(caller, filter, members, as_of).await?;
    Ok(Json(groups.into_iter().map(GroupModel::from).collect()))
}

/// An unknown thing in a parameter is a bad parameter. One that the caller may not see is unknown.
fn unknown(parameter: &'static str, text: &str) -> impl FnOnce(Failure) -> ApiError {
    let detail =
        format!("Query param \"{parameter}\" has invalid value: \"{text}\" does not exist");
    move |failure| match failure {
        Failure::NotFound => ApiError::invalid_query(vec![Validation::new(parameter, detail)]),
        failure => failure.into(),
    }
}

fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<GroupId>>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let ids = text.split(',').map(|id| id.trim().parse());
    let invalid = |_| D::Error::custom("must be a valid uuid, or several with commas between");
    ids.collect::<Result<_, _>>().map(Some).map_err(invalid)
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let invalid = |_| D::Error::custom(format_args!("has invalid value: {text}"));
    text.parse().map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::base::query::parse;

    #[test]
    fn an_empty_filter_filters_nothing() {
        let parameters: Parameters = parse("organization=&has_member=&group_ids=").unwrap();
        assert_eq!(parameters.organization, None);
        assert_eq!(parameters.has_member, None);
        assert_eq!(parameters.group_ids, None);
    }

    #[test]
    fn group_ids_are_separated_by_commas() {
        let (one, two) = (GroupId::from_u128(1), GroupId::from_u128(2));
        let parameters: Parameters = parse(&format!("group_ids={one},{two}")).unwrap();
        assert_eq!(parameters.group_ids, Some(vec![one, two]));
        let bad = parse::<Parameters>(&format!("group_ids={one},x")).unwrap_err();
        assert_eq!(bad[0].field, "group_ids");
    }

    #[test]
    fn a_flag_is_true_or_false() {
        assert!(
            parse::<Parameters>("exclude_members=true")
                .unwrap()
                .exclude_members
        );
        assert!(
            !parse::<Parameters>("exclude_members=false")
                .unwrap()
                .exclude_members
        );
        let bad = parse::<Parameters>("exclude_members=1").unwrap_err();
        assert_eq!(
            bad[0].detail,
            "Query param \"exclude_members\" has invalid value: 1"
        );
    }
}
