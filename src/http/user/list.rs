//! `GET /api/v2/users`.

use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::Status;
use chancery_operations::user::{self, UserFilter, UserPage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::UserModel;
use crate::http::base::pagination::Pagination;
use crate::http::base::search_query::SearchQuery;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn, Validation};

/// The role that everyone has and no user lists.
const IMPLICIT_ROLE: &str = "member";

const STATUSES: [Status; 3] = [Status::Active, Status::Dormant, Status::Suspended];

const LOGIN_TYPES: [LoginType; 4] = [
    LoginType::Password,
    LoginType::Github,
    LoginType::Oidc,
    LoginType::None,
];

/// What is searched for, and which part of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// A search: `search:` (a part of the user name or e-mail address; a bare word too), `status:`, `role:`, `login_type:` (each a
    /// comma-separated list), `last_seen_before:`, `last_seen_after:`, `created_before:`, `created_after:` (RFC 3339, in double
    /// quotes), `github_com_user_id:` (of which there are none: nobody signs in with GitHub here).
    #[serde(default)]
    q: String,
    /// At most so many users; all when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// Leaving out so many.
    #[param(value_type = Option<i64>)]
    offset: Option<String>,
    /// Users after this one.
    #[param(value_type = Option<uuid::Uuid>)]
    after_id: Option<String>,
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
    tag = "Users",
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
    let page = Pagination::parse(
        parameters.limit.as_deref(),
        parameters.offset.as_deref(),
        parameters.after_id.as_deref(),
    )?;
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
        after_id: page.after_id,
        limit: page.limit_or_all(),
        offset: page.offset,
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
        statuses: query.list_of("status", &STATUSES.map(Status::as_str)),
        roles: query
            .list("role")
            .filter(|roles| !roles.iter().any(|role| role == IMPLICIT_ROLE)),
        login_types: query.list_of("login_type", &LOGIN_TYPES.map(LoginType::as_str)),
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
        let statuses = ["active".to_owned(), "dormant".to_owned()];
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
