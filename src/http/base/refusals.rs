//! The errors of most operations of the management API, for the API document.

use utoipa::IntoResponses;

use super::error::ErrorBody;

/// Of operations that read.
#[derive(IntoResponses)]
pub enum ReadRefusal {
    /// A path, query parameter or field is invalid.
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Not signed in.
    #[response(status = 401)]
    Unauthenticated(ErrorBody),
    /// The caller may not do that, or the token is for something else.
    #[response(status = 403)]
    NotAllowed(ErrorBody),
    /// There is no such thing, or none that the caller may see.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// The server cannot answer now.
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Of operations that record.
#[derive(IntoResponses)]
pub enum WriteRefusal {
    /// A path or field is invalid, or it cannot be done to the thing as it is.
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Not signed in.
    #[response(status = 401)]
    Unauthenticated(ErrorBody),
    /// The caller may not do that, or the token is for something else.
    #[response(status = 403)]
    NotAllowed(ErrorBody),
    /// There is no such thing, or none that the caller may see.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// A name is taken, or the thing is being changed by other requests.
    #[response(status = 409)]
    Conflict(ErrorBody),
    /// The server cannot record now.
    #[response(status = 503)]
    Unavailable(ErrorBody),
}
