//! Parameters of the OAuth2 protocol endpoints: a URL query or an `application/x-www-form-urlencoded` body.
//!
//! Decisions:
//! * An unknown parameter is ignored, in the query and in the form. RFC 6749 sections 3.1 and 3.2 say MUST, and MCP
//!   clients send parameters of other specifications (`prompt`, `nonce`, `application_type`). The contract's seed
//!   level refuses them; no client depends on that refusal.
//! * A known parameter given twice is refused (RFC 6749 section 3.1), so that two readers of one request cannot pick
//!   different values.
//! * A parameter without a value counts as omitted (RFC 6749 section 3.1).
//! * Bytes that are not UTF-8, and NUL characters, are refused anywhere in the request.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use percent_encoding::percent_decode;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The media type of every request body of the protocol endpoints.
pub const FORM_MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Longest query or form that is read, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// A parameter that some protocol endpoint reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Parameter {
    /// `client_id`
    ClientId,
    /// `client_secret`
    ClientSecret,
    /// `code`
    Code,
    /// `code_challenge`
    CodeChallenge,
    /// `code_challenge_method`
    CodeChallengeMethod,
    /// `code_verifier`
    CodeVerifier,
    /// `csrf_token`
    CsrfToken,
    /// `grant_type`
    GrantType,
    /// `redirect_uri`
    RedirectUri,
    /// `refresh_token`
    RefreshToken,
    /// `resource`
    Resource,
    /// `response_type`
    ResponseType,
    /// `scope`
    Scope,
    /// `state`
    State,
    /// `token`
    Token,
}

impl Parameter {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a query or form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// The body is not a form.
    #[error("the Content-Type must be {FORM_MEDIA_TYPE}")]
    ContentType,
    /// More than [`MAX_LENGTH`] bytes.
    #[error("the parameters are longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// The body ended early or could not be read.
    #[error("the request body could not be read")]
    Unreadable,
    /// A name or value is not UTF-8 after percent-decoding.
    #[error("the parameters are not valid UTF-8")]
    NotUtf8,
    /// A name or value contains U+0000.
    #[error("the parameters contain a NUL character")]
    Nul,
    /// A known parameter is given more than once.
    #[error("parameter \"{}\" is given more than once", .0.name())]
    Duplicate(Parameter),
}

/// The known parameters of one query or form. `Debug` shows names only: values may be secrets.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    values: [Option<String>; Parameter::VARIANTS.len()],
}

impl std::fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_list()
            .entries(
                Parameter::VARIANTS
                    .iter()
                    .filter(|parameter| self.get(**parameter).is_some()),
            )
            .finish()
    }
}

impl Parameters {
    /// The value of `parameter`; `None` when it is absent or empty.
    pub fn get(&self, parameter: Parameter) -> Option<&str> {
        self.values[parameter as usize].as_deref()
    }

    /// Parses `raw`, a URL query or a form body in `application/x-www-form-urlencoded`.
    pub fn parse(raw: &[u8]) -> Result<Parameters, ParametersError> {
        if raw.len() > MAX_LENGTH {
            return Err(ParametersError::TooLong);
        }
        let mut parameters = Parameters::default();
        let mut seen = [false; Parameter::VARIANTS.len()];
        for pair in raw
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let split = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = match split {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let name = decode(name)?;
            let value = decode(value)?;
            let Ok(parameter) = name.parse::<Parameter>() else {
                continue;
            };
            let index = parameter as usize;
            if seen[index] {
                return Err(ParametersError::Duplicate(parameter));
            }
            seen[index] = true;
            if !value.is_empty() {
                parameters.values[index] = Some(value);
            }
        }
        Ok(parameters)
    }

    /// Parses the query of a request target; no query is an empty one.
    pub fn from_query(query: Option<&str>) -> Result<Parameters, ParametersError> {
        Parameters::parse(query.unwrap_or_default().as_bytes())
    }

    /// Reads and parses a form body of at most [`MAX_LENGTH`] bytes.
    pub async fn from_form(headers: &HeaderMap, body: Body) -> Result<Parameters, ParametersError> {
        if !is_form(headers) {
            return Err(ParametersError::ContentType);
        }
        let mut chunks = body.into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| ParametersError::Unreadable)?;
            if bytes.len() + chunk.len() > MAX_LENGTH {
                return Err(ParametersError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        Parameters::parse(&bytes)
    }
}

/// Whether the one `Content-Type` of `headers` is a form, whatever its case and parameters.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return false;
    };
    content_type
        .to_str()
        .ok()
        .and_then(|text| text.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM_MEDIA_TYPE))
}

/// Decodes one name or value: `+` is a space, `%XX` a byte, and the result must be UTF-8 without NUL.
fn decode(raw: &[u8]) -> Result<String, ParametersError> {
    let spaced: Cow<'_, [u8]> = if raw.contains(&b'+') {
        raw.iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect()
    } else {
        Cow::Borrowed(raw)
    };
    let text = percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| ParametersError::NotUtf8)?;
    if text.contains('\0') {
        return Err(ParametersError::Nul);
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests;
