//! What a client shows of itself on a request: its id, and perhaps its secret (docs/contract/oauth2.md sections 3 and 7).
//!
//! A secret travels in HTTP Basic or in the form. Basic has two encodings in the field: RFC 6749 section 2.3.1 encodes
//! id and secret as form values first (Python SDK, oauth4webapi), many clients send them plain (TypeScript SDK). Both
//! are read. A secret in the URL is never read: it would end up in logs (OAuth 2.1 section 2.4).

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chancery_aggregates::oauth2::client_id_url::ClientIdUrl;
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_operations::oauth2_app::ShownSecret;
use percent_encoding::percent_decode_str;

use super::parameters::{Parameter, Parameters};

/// The client named by a request and the secret it shows. Nothing is verified yet.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    /// The app's id, which is the client id, or stands for the document that the client id names.
    pub client_id: OAuth2AppId,
    /// The secret shown with it.
    pub secret: ShownSecret,
}

/// Why no client can be read from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresentedClientError {
    /// No client id anywhere.
    #[error("no client id")]
    Missing,
    /// The client id is neither a UUID nor the URL of a document, or the Basic credentials cannot be decoded.
    #[error("not the credentials of a client")]
    Invalid,
    /// Query, form and header name different clients or secrets.
    #[error("conflicting client credentials")]
    Conflict,
}

/// The client that an authorization request names.
pub fn client_id_of_query(query: &Parameters) -> Result<OAuth2AppId, PresentedClientError> {
    let id = query
        .get(Parameter::ClientId)
        .ok_or(PresentedClientError::Missing)?;
    app_id(id).ok_or(PresentedClientError::Invalid)
}

/// The id of the app that a client id stands for.
fn app_id(client_id: &str) -> Option<OAuth2AppId> {
    if ClientIdUrl::is_meant(client_id) {
        let url = ClientIdUrl::parse(client_id).ok()?;
        return Some(url.app_id());
    }
    client_id.parse().ok()
}

impl PresentedClient {
    /// Reads the client from the query's `client_id`, else the form's, else the user name of HTTP Basic.
    pub fn read(
        query: &Parameters,
        form: &Parameters,
        headers: &HeaderMap,
    ) -> Result<Self, PresentedClientError> {
        let basic = BasicCredentials::read(headers)?;
        let mut ids = [query, form]
            .into_iter()
            .filter_map(|source| source.get(Parameter::ClientId));
        let id = ids.next();
        if ids.any(|other| Some(other) != id) {
            return Err(PresentedClientError::Conflict);
        }
        let form_secret = form.get(Parameter::ClientSecret);
        if let Some(basic) = &basic {
            let same_id = id.is_none_or(|id| basic.id_readings().any(|reading| reading == id));
            let same_secret = form_secret
                .is_none_or(|secret| basic.secret_readings().any(|reading| reading == secret));
            if !same_id || !same_secret {
                return Err(PresentedClientError::Conflict);
            }
        }
        let client_id = match (id, &basic) {
            (Some(id), _) => app_id(id),
            (None, Some(basic)) => basic.id_readings().find_map(|reading| app_id(&reading)),
            (None, None) => return Err(PresentedClientError::Missing),
        };
        let secret = match (&basic, form_secret) {
            (Some(basic), _) if !basic.secret.is_empty() => from_readings(basic.secret_readings()),
            (_, Some(secret)) => from_readings(std::iter::once(Cow::Borrowed(secret))),
            (_, None) => ShownSecret::Absent,
        };
        Ok(PresentedClient {
            client_id: client_id.ok_or(PresentedClientError::Invalid)?,
            secret,
        })
    }
}

/// The first reading with the shape of a secret. The alphabet of secrets leaves at most one that differs.
fn from_readings<'a>(mut readings: impl Iterator<Item = Cow<'a, str>>) -> ShownSecret {
    readings
        .find_map(|reading| PrefixedSecret::parse(&reading).ok())
        .map_or(ShownSecret::Malformed, ShownSecret::Given)
}

/// User name and password of HTTP Basic, as sent.
struct BasicCredentials {
    id: String,
    secret: String,
}

impl BasicCredentials {
    /// `None` without an `Authorization` header or with one of another scheme.
    fn read(headers: &HeaderMap) -> Result<Option<Self>, PresentedClientError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(PresentedClientError::Conflict);
        }
        match basic_payload(value) {
            None => Ok(None),
            Some(payload) => Self::decode(payload)
                .map(Some)
                .ok_or(PresentedClientError::Invalid),
        }
    }

    fn decode(payload: &str) -> Option<Self> {
        let bytes = STANDARD.decode(payload).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some(BasicCredentials {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    fn id_readings(&self) -> impl Iterator<Item = Cow<'_, str>> {
        readings(&self.id)
    }

    fn secret_readings(&self) -> impl Iterator<Item = Cow<'_, str>> {
        readings(&self.secret)
    }
}

/// The text as it is, then form-decoded when that reads differently. Neither ids nor secrets contain a space, so `+`
/// needs no decoding.
fn readings(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let decoded = percent_decode_str(text)
        .decode_utf8()
        .ok()
        .filter(|decoded| decoded != text);
    std::iter::once(Cow::Borrowed(text)).chain(decoded)
}

/// What follows `Basic ` in an `Authorization` value; the scheme's case does not matter (RFC 9110 section 11.1).
fn basic_payload(value: &HeaderValue) -> Option<&str> {
    let (scheme, payload) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("basic")
        .then_some(payload.trim())
}

#[cfg(test)]
mod tests;
