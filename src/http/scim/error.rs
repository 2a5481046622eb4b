//! Errors (RFC 7644 3.12), as the founding dialect writes them: `status` is a number (docs/contract/scim.md 1).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chancery_aggregates::RefusalClass;
use chancery_operations::Failure;
use serde::Serialize;
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, OpenApi, ToSchema};

use super::body::{CONTENT_TYPE, ScimJson};
use crate::http::base::{self, ApiError};

/// An error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    status: StatusCode,
    scim_type: &'static str,
    detail: String,
}

/// An error's body.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMError)]
struct ErrorBody {
    /// `urn:ietf:params:scim:api:messages:2.0:Error`.
    schemas: [&'static str; 1],
    /// The answer's status.
    status: u16,
    /// What kind of error it is.
    scim_type: &'static str,
    /// What went wrong, for a person.
    detail: String,
}

/// What a 404 says.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SCIMNotFound)]
#[expect(dead_code, reason = "it is described, and never made")]
enum NotFoundBody {
    /// There is no such user.
    NoUser(ErrorBody),
    /// SCIM is not enabled.
    Disabled(base::ErrorBody),
}

/// The schemas that the errors name, for the API document.
#[derive(OpenApi)]
#[openapi(components(schemas(ErrorBody, NotFoundBody)))]
pub struct ErrorSchemas;

#[derive(IntoResponses)]
#[expect(dead_code, reason = "it is described, and never made")]
enum Described {
    /// What was sent is invalid, or cannot be done.
    #[response(status = 400, content_type = "application/scim+json")]
    Invalid(ErrorBody),
    /// The credential is not valid.
    #[response(status = 401, content_type = "application/scim+json")]
    Unauthenticated(ErrorBody),
    /// There is no such user, or SCIM is not enabled.
    #[response(status = 404, content_type = "application/scim+json")]
    NotFound(NotFoundBody),
    /// The server cannot answer now.
    #[response(status = 503, content_type = "application/scim+json")]
    Unavailable(ErrorBody),
}

/// The errors of every operation, for the API document.
pub struct ScimRefusal;

impl IntoResponses for ScimRefusal {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let mut responses = Described::responses();
        // That SCIM is not enabled is the management API's to say.
        if let Some(RefOr::T(not_found)) = responses.get_mut("404")
            && let Some(content) = not_found.content.get(CONTENT_TYPE).cloned()
        {
            let json = "application/json".to_owned();
            not_found.content.insert(json, content);
        }
        responses
    }
}

impl ScimError {
    /// An error of `status` and kind `scim_type`.
    pub fn new(status: StatusCode, scim_type: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            status,
            scim_type,
            detail,
        }
    }

    /// 400 of kind `scim_type`.
    pub fn bad_request(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, scim_type, detail)
    }

    /// 401: the credential is another.
    pub fn unauthenticated() -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self::new(status, "invalidAuthorization", "invalid authorization")
    }

    /// 404: there is no such user.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", detail)
    }
}

/// The management API's error says the same.
impl From<ApiError> for ScimError {
    fn from(error: ApiError) -> Self {
        let scim_type = match error.status {
            StatusCode::NOT_FOUND => "notFound",
            status if status.is_client_error() => "invalidRequest",
            _ => "internalError",
        };
        let body = *error.body;
        let detail = body.detail.unwrap_or_else(|| body.message.into_owned());
        Self::new(error.status, scim_type, detail)
    }
}

impl From<Failure> for ScimError {
    fn from(failure: Failure) -> Self {
        if let Failure::Refused(refused) = &failure {
            let detail = refused.fields.first().map(|field| field.detail.clone());
            let detail = || detail.unwrap_or_else(|| refused.message.to_string());
            match refused.class {
                RefusalClass::Invalid { .. } => {
                    return Self::bad_request("invalidEmail", detail());
                }
                RefusalClass::Impossible => return Self::bad_request("mutability", detail()),
                _ => {}
            }
        }
        ApiError::from(failure).into()
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
            status: self.status.as_u16(),
            scim_type: self.scim_type,
            detail: self.detail,
        };
        (self.status, ScimJson(body)).into_response()
    }
}
