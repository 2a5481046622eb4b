//! The token endpoint (docs/contract/oauth2.md section 7): a code or a refresh token becomes an access token and a refresh token.
//!
//! The order of the checks is that of docs/contract/oauth2.md section 7.1. Confidential clients authenticate on refresh too.

mod authorization_code;
mod refresh_token;
mod request;
mod response;

use super::client::ClientRequest;
use super::error::{ClientRefusal, OAuth2Error, OAuth2ErrorBody};
use request::{GrantType, TokenRequest};
use response::TokenResponse;

/// Exchanges an authorization code or a refresh token.
#[utoipa::path(
    post,
    path = "/oauth2/tokens",
    operation_id = "exchange_oauth2_token",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenResponse),
        (status = 400, description = "The request or the grant is refused.", body = OAuth2ErrorBody),
        ClientRefusal,
    ),
    security((), ("client_basic" = [])),
)]
pub async fn exchange(request: ClientRequest) -> Result<TokenResponse, OAuth2Error> {
    match GrantType::read(&request.form)? {
        GrantType::AuthorizationCode => authorization_code::exchange(request).await,
        GrantType::RefreshToken => refresh_token::exchange(request).await,
    }
}
