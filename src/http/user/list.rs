//! `GET /api/v2/users`.

use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{Status, UserId};
use chancery_operations::user::{self, UserFilter, UserPage};
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use utoipa::{IntoParams, ToSchema};

use super::model::UserModel;
use crate::http::base::pagination::{Limit, Offset};
use crate::http::base::search_query::SearchQuery;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn, Validation, query};

/// The role that everyone has and no user lists.
const IMPLICIT_ROLE: &str = "member";

const LOGIN_TYPES: [LoginType; 4] = [
    LoginType::Password,
    LoginType::Github,
    LoginType::Oidc,
    LoginType::None,
];

/// What is searched for, and which part of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// A search: `search:` (a part of the user name or e-mail address; a bare word too), `status:`, `role:`, `login_type:` (each a
    /// comma-separated list), `last_seen_before:`, `last_seen_after:`, `created_before:`, `created_after:` (RFC 3339, in double
    /// quotes), `github_com_user_id:` (of which there are none: nobody signs in with GitHub here).
    q: String,
    /// At most so many users; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Offset,
    /// Users after this one.
    #[serde(deserialize_with = "query::uuid")]
    after_id: Option<UserId>,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GetUsersResponse)]
pub struct Users {
    /// The users, by user name.
    users: Vec<UserModel>,
    /// How many there are in all.
    count: i64,
}

/// Users, by user name. One who may not read users sees himself alone.
#[utoipa::path(
    get,
    path = "/api/v2/users",
    params(Parameters),
    responses(
        (status = 200, description = "The users.", body = Users),
        ReadRefusal,
    )
)]
pub async fn list_users(
    SignedIn(caller): SignedIn,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Users>, ApiError> {
    let filter = parse(&parameters.q).map_err(|validations| {
        ApiError::bad_request("Invalid user search query.").with_validations(validations)
    })?;
    let Some(filter) = filter else {
        return Ok(Json(Users {
            users: Vec::new(),
            count: 0,
        }));
    };
    let page = UserPage {
        after_id: parameters.after_id,
        limit: parameters.limit.unless_zero(),
        offset: parameters.offset.number(),
    };
    let (users, count) = user::list(&caller, filter, page).await?;
    Ok(Json(Users {
        users: users.into_iter().map(UserModel::from).collect(),
        count,
    }))
}

/// The filter; `None` when nobody can match.
fn parse(q: &str) -> Result<Option<UserFilter>, Vec<Validation>> {
    let mut query = SearchQuery::parse(q, "search");
    // Zero stands for no GitHub account, as in the contract's original, and excludes nobody.
    let is_of_github = query
        .integer("github_com_user_id")
        .is_some_and(|id| id != 0);
    let filter = UserFilter {
        search: query.text("search"),
        statuses: query.list_of("status", Status::VARIANTS),
        roles: query
            .list("role")
            .filter(|roles| !roles.iter().any(|role| role == IMPLICIT_ROLE)),
        login_types: query.list_of("login_type", &LOGIN_TYPES),
        last_seen_before: query.timestamp("last_seen_before"),
        last_seen_after: query.timestamp("last_seen_after"),
        created_before: query.timestamp("created_before"),
        created_after: query.timestamp("created_after"),
        only: None,
    };
    query.finish()?;
    Ok((!is_of_github).then_some(filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_word_is_searched_for() {
        let filter = parse("ada status:active,Dormant").unwrap().unwrap();
        assert_eq!(filter.search.as_deref(), Some("ada"));
        let statuses = [Status::Active, Status::Dormant];
        assert_eq!(filter.statuses.as_deref(), Some(&statuses[..]));
    }

    #[test]
    fn everyone_is_a_member() {
        for everyone in ["role:member", "role:member,owner"] {
            assert_eq!(parse(everyone).unwrap(), Some(UserFilter::default()));
        }
        assert_eq!(
            parse("role:Owner").unwrap().unwrap().roles,
            Some(vec!["owner".to_owned()])
        );
    }

    #[test]
    fn bad_values_and_unknown_keys_are_named() {
        let text = "status:gone created_after:yesterday colour:red github_com_user_id:me";
        let invalid = parse(text).unwrap_err();
        let fields: Vec<_> = invalid
            .iter()
            .map(|invalid| invalid.field.as_str())
            .collect();
        assert_eq!(
            fields,
            ["github_com_user_id", "status", "created_after", "colour"]
        );
    }
}
