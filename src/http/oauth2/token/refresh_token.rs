//! `grant_type=refresh_token` (docs/contract/oauth2.md section 7.3). The refresh token is rotated.
//!
//! A `scope` is not looked at: RFC 6749 section 3.3 lets a server ignore it, and the answer names the scope in force.

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_operations::oauth2_grant::{self, RefreshTokenShown};

use super::super::client::ClientRequest;
use super::super::error::OAuth2Error;
use super::super::parameters::Parameter;
use super::request::required;
use super::response::TokenResponse;

pub(super) async fn exchange(request: ClientRequest) -> Result<TokenResponse, OAuth2Error> {
    required(&request.form, Parameter::RefreshToken)?;
    let (client, form) = request.authenticate().await?;
    let refresh_token = PrefixedSecret::parse(required(&form, Parameter::RefreshToken)?);
    let shown = RefreshTokenShown {
        refresh_token: refresh_token.map_err(|_| OAuth2Error::InvalidRefreshToken)?,
        resource: form.get(Parameter::Resource).map(str::to_owned),
    };
    Ok(oauth2_grant::refresh(&client, shown).await?.into())
}
