//! The HTTP status that an entry shows: what such an attempt is answered with.

use axum::http::StatusCode;
use chancery_projections::audit::{AuditEntry, Refusal};

/// The status of an entry's attempt.
pub fn of(entry: &AuditEntry) -> StatusCode {
    match entry.refusal {
        Some(refusal) => refused(refusal),
        None => done(
            entry.action,
            entry.resource_type,
            entry.http_route.as_deref(),
        ),
    }
}

fn refused(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid => StatusCode::BAD_REQUEST,
        Refusal::Unauthenticated => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden => StatusCode::FORBIDDEN,
        Refusal::RateLimited => StatusCode::TOO_MANY_REQUESTS,
    }
}

/// As the action is answered, but where the contract answers such a resource, or the route, in another way.
fn done(action: &str, resource_type: &str, route: Option<&str>) -> StatusCode {
    match (action, resource_type) {
        ("create", "oauth2_provider_app_code") => StatusCode::FOUND,
        ("create", "oauth2_provider_app_token" | "organization_member") => StatusCode::OK,
        ("create", "user") if route.is_some_and(|route| route.contains("/scim/")) => StatusCode::OK,
        ("write", "user") if route.is_some_and(|route| route.ends_with("/password")) => {
            StatusCode::NO_CONTENT
        }
        ("create" | "login", _) => StatusCode::CREATED,
        (
            "delete",
            "api_key"
            | "oauth2_provider_app"
            | "oauth2_provider_app_code"
            | "oauth2_provider_app_secret"
            | "oauth2_provider_app_token"
            | "organization_member"
            | "provisioner_key",
        ) => StatusCode::NO_CONTENT,
        _ => StatusCode::OK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_password_is_answered_with_no_content() {
        let route = Some("/api/v2/users/{user}/password");
        assert_eq!(done("write", "user", route), StatusCode::NO_CONTENT);
        assert_eq!(done("write", "user", None), StatusCode::OK);
    }

    #[test]
    fn a_user_that_scim_makes_is_answered_as_found() {
        let route = Some("/scim/v2/Users");
        assert_eq!(done("create", "user", route), StatusCode::OK);
        assert_eq!(done("create", "user", None), StatusCode::CREATED);
    }

    #[test]
    fn what_the_contract_answers_in_its_own_way_shows_so() {
        for (action, resource_type, status) in [
            ("create", "license", StatusCode::CREATED),
            ("create", "organization_member", StatusCode::OK),
            ("create", "oauth2_provider_app_code", StatusCode::FOUND),
            ("delete", "oauth2_provider_app", StatusCode::NO_CONTENT),
            ("delete", "group", StatusCode::OK),
            ("delete", "license", StatusCode::OK),
            ("login", "api_key", StatusCode::CREATED),
            ("logout", "api_key", StatusCode::OK),
        ] {
            assert_eq!(
                done(action, resource_type, None),
                status,
                "{action} {resource_type}"
            );
        }
    }
}
