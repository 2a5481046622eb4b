//! `grant_type=authorization_code` (docs/contract/oauth2.md section 7.2).

use chancery_aggregates::oauth2::pkce::CodeVerifier;
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_operations::oauth2_app::ShownSecret;
use chancery_operations::oauth2_grant::{self, CodeShown};

use super::super::client::{self, ClientRequest};
use super::super::error::OAuth2Error;
use super::super::parameters::Parameter;
use super::request::required;
use super::response::TokenResponse;

pub(super) async fn exchange(request: ClientRequest) -> Result<TokenResponse, OAuth2Error> {
    required(&request.form, Parameter::Code)?;
    if matches!(request.secret, ShownSecret::Absent) && !request.client.thing.is_public() {
        let missing = Parameter::ClientSecret.name();
        return Err(OAuth2Error::MissingParameter(missing));
    }
    let redirect_uri = request.form.get(Parameter::RedirectUri);
    // The grant knows the redirect URI of its request only when that had one.
    if redirect_uri.is_some_and(|uri| !client::registered(&request.client.thing).is_registered(uri))
    {
        return Err(OAuth2Error::UnregisteredRedirectUri);
    }
    let (client, form) = request.authenticate().await?;
    let code = PrefixedSecret::parse(required(&form, Parameter::Code)?);
    let shown = CodeShown {
        code: code.map_err(|_| OAuth2Error::InvalidCode)?,
        redirect_uri: form.get(Parameter::RedirectUri).map(str::to_owned),
        code_verifier: form.get(Parameter::CodeVerifier).map(CodeVerifier::new),
        resource: form.get(Parameter::Resource).map(str::to_owned),
    };
    Ok(oauth2_grant::exchange(&client, shown).await?.into())
}
