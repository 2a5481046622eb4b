//! `GET /api/v2/audit`.

use chancery_aggregates::user::UserId;
use chancery_operations::audit::{self, AuditEntryId, AuditFilter, AuditPage, AuditSearch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::AuditLogModel;
use crate::http::base::pagination::{Limit, Offset};
use crate::http::base::search_query::SearchQuery;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn, Validation, query};

const DEFAULT_LIMIT: i64 = 100;

const ACTIONS: &[&str] = &[
    "create",
    "write",
    "delete",
    "start",
    "stop",
    "login",
    "logout",
    "register",
    "request_password_reset",
    "connect",
    "disconnect",
    "open",
    "close",
];

/// What is searched for, and which part of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// A search: `resource_type:`, `resource_id:`, `resource_target:`, `username:` (`me` too), `email:`, `date_from:`, `date_to:`,
    /// `organization:`, `action:`, `request_id:`; a bare word is a resource type.
    q: String,
    /// At most so many entries; 100 when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// After so many of the newest.
    #[param(value_type = Option<i64>)]
    offset: Offset,
    /// Entries after this one, which are older. Pages stay whole while new entries come in. None when there is no such entry.
    #[serde(deserialize_with = "query::uuid")]
    after_id: Option<AuditEntryId>,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditLogResponse)]
pub struct AuditLogs {
    /// The entries, newest first.
    audit_logs: Vec<AuditLogModel>,
    /// How many there are in all. More than 2000 are not counted: then as many as that, or as the page reaches.
    count: i64,
}

/// The audit trail, newest first. Everything that was recorded before the request is in it. Admins and auditors of an
/// organization see the entries of their organizations.
#[utoipa::path(
    get,
    path = "/api/v2/audit",
    params(Parameters),
    responses(
        (status = 200, body = AuditLogs),
        ReadRefusal,
    )
)]
pub async fn list_audit_logs(
    SignedIn(caller): SignedIn,
    Query(parameters): Query<Parameters>,
) -> Result<Json<AuditLogs>, ApiError> {
    let page = AuditPage {
        after_id: parameters.after_id,
        limit: parameters.limit.unless_zero().unwrap_or(DEFAULT_LIMIT),
        offset: parameters.offset.number(),
    };
    let search = parse(&parameters.q, caller.user_id()).map_err(|validations| {
        ApiError::bad_request("Invalid audit search query.").with_validations(validations)
    })?;
    let (entries, count) = match search {
        Some(search) => audit::list(&caller, search, page).await?,
        None => (Vec::new(), 0),
    };
    Ok(Json(AuditLogs {
        audit_logs: entries.into_iter().map(AuditLogModel::from).collect(),
        count,
    }))
}

/// What is searched for; None: nothing is like that.
fn parse(q: &str, me: UserId) -> Result<Option<AuditSearch>, Vec<Validation>> {
    let mut query = SearchQuery::parse(q, "resource_type");
    let username = query.text("username");
    let own = username.as_deref() == Some("me");
    let filter = AuditFilter {
        resource_type: query.text("resource_type").map(|text| text.to_lowercase()),
        resource_id: query.uuid("resource_id"),
        resource_target: query.text("resource_target"),
        user_id: own.then_some(me),
        username: username.filter(|_| !own),
        email: query.text("email"),
        date_from: query.day_start("date_from"),
        date_to: query.day_end("date_to"),
        organization_id: None,
        action: query.one_of("action", ACTIONS),
        request_id: query.uuid("request_id"),
        organizations: None,
    };
    let organization = query.text("organization");
    // Nothing here has to do with builds.
    let is_of_build = query.text("build_reason").is_some();
    query.finish()?;
    Ok((!is_of_build).then_some(AuditSearch {
        filter,
        organization,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: UserId = UserId::from_u128(7);

    #[test]
    fn me_stands_for_the_one_who_asks() {
        let filter = parse("username:me", ME).unwrap().unwrap().filter;
        assert_eq!((filter.user_id, filter.username), (Some(ME), None));
        let filter = parse("username:ada", ME).unwrap().unwrap().filter;
        assert_eq!(
            (filter.user_id, filter.username.as_deref()),
            (None, Some("ada"))
        );
    }

    #[test]
    fn a_bare_word_is_a_resource_type() {
        let filter = parse("User action:CREATE", ME).unwrap().unwrap().filter;
        assert_eq!(filter.resource_type.as_deref(), Some("user"));
        assert_eq!(filter.action.as_deref(), Some("create"));
    }

    #[test]
    fn a_value_that_cannot_be_is_named() {
        let invalid = parse("action:dance date_from:today who:me", ME).unwrap_err();
        let fields: Vec<_> = invalid
            .iter()
            .map(|invalid| invalid.field.as_str())
            .collect();
        assert_eq!(fields, ["date_from", "action", "who"]);
    }
}
