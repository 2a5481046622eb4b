//! One request, within its bounds.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ipnet::IpNet;
use reqwest::{Certificate, Response};
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::error::{FetchError, SetupError};
use crate::guard::Guard;
use crate::resolver::{Guarded, Resolver, SystemResolver};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const UNCOMPRESSED: HeaderValue = HeaderValue::from_static("identity");

/// The bounds of a request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the wait for its turn to its last byte.
    pub time: Duration,
    /// Bytes of the body.
    pub bytes: usize,
    /// Requests at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(5),
            bytes: 64 * 1024,
            at_once: 16,
        }
    }
}

/// How the client is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Networks that requests may go to although they are not public.
    pub allowed_networks: Vec<IpNet>,
    /// Certificates, in PEM, of authorities that are trusted besides those of the web.
    pub authorities: Option<Vec<u8>>,
    /// The bounds.
    pub limits: Limits,
}

/// Fetches what strangers name.
pub struct Outbound {
    http: reqwest::Client,
    guard: Arc<Guard>,
    turns: Semaphore,
    limits: Limits,
}

/// What was asked, and what a server answered.
pub(crate) struct Exchange {
    pub request: http::Request<()>,
    pub response: http::Response<Bytes>,
}

impl Outbound {
    /// A client that resolves names as the operating system does.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        Self::with_resolver(settings, Arc::new(SystemResolver))
    }

    /// A client that resolves names by `resolver`.
    pub fn with_resolver(
        settings: Settings,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, SetupError> {
        let guard = Arc::new(Guard::new(settings.allowed_networks));
        let mut http = reqwest::Client::builder()
            .https_only(true)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A proxy would resolve the name once more, for itself.
            .no_proxy()
            // A connection that is kept would outlive the look at its address.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Guarded {
                resolver,
                guard: Arc::clone(&guard),
            }));
        if let Some(authorities) = settings.authorities {
            let authorities =
                Certificate::from_pem_bundle(&authorities).map_err(SetupError::Authorities)?;
            for authority in authorities {
                http = http.add_root_certificate(authority);
            }
        }
        Ok(Self {
            http: http.build().map_err(SetupError::Client)?,
            guard,
            turns: Semaphore::new(settings.limits.at_once),
            limits: settings.limits,
        })
    }

    /// The request for the JSON document at `url`, if it may be sent.
    pub(crate) fn request(&self, url: &Url) -> Result<http::Request<()>, FetchError> {
        self.check(url)?;
        http::Request::get(url.as_str())
            .header(header::ACCEPT, JSON)
            .header(header::ACCEPT_ENCODING, UNCOMPRESSED)
            .body(())
            .map_err(|error| FetchError::Unreachable(error.to_string()))
    }

    /// Sends a [`request`](Self::request) for `url`, perhaps with conditions. The answer's status is 200, or 304 to these.
    pub(crate) async fn send(
        &self,
        url: &Url,
        request: http::Request<()>,
    ) -> Result<Exchange, FetchError> {
        let within_bounds = async {
            let _turn = self.turns.acquire().await;
            self.exchange(url, request).await
        };
        tokio::time::timeout(self.limits.time, within_bounds)
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }

    /// What is wrong with the URL by itself. An address in it is not resolved, so the resolver would not see it.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        if url.scheme() != "https" {
            return Err(FetchError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Credentials);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        if self.guard.lets_pass(address) {
            Ok(())
        } else {
            Err(FetchError::Forbidden)
        }
    }

    async fn exchange(
        &self,
        url: &Url,
        request: http::Request<()>,
    ) -> Result<Exchange, FetchError> {
        let asked = self
            .http
            .get(url.clone())
            .headers(request.headers().clone());
        let answer = asked.send().await.map_err(|error| FetchError::of(&error))?;
        check_status(answer.status())?;
        if answer.status() == StatusCode::OK {
            check_headers(answer.headers())?;
        }
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        response.headers_mut().clone_from(answer.headers());
        let body = self.body(answer).await?;
        Ok(Exchange {
            request,
            response: response.map(|()| body),
        })
    }

    async fn body(&self, mut answer: Response) -> Result<Bytes, FetchError> {
        let most = self.limits.bytes;
        let announced = answer.content_length().unwrap_or_default();
        if usize::try_from(announced).map_or(true, |length| length > most) {
            return Err(FetchError::TooLong(most));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| FetchError::of(&error))?
        {
            if body.len() + chunk.len() > most {
                return Err(FetchError::TooLong(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn check_status(status: StatusCode) -> Result<(), FetchError> {
    match status {
        StatusCode::OK | StatusCode::NOT_MODIFIED => Ok(()),
        status if status.is_redirection() => Err(FetchError::Redirected),
        status => Err(FetchError::Status(status.as_u16())),
    }
}

/// Whether the body is JSON, and no more than it seems.
fn check_headers(headers: &HeaderMap) -> Result<(), FetchError> {
    let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(is_plain)
    {
        return Err(FetchError::Encoded);
    }
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if media_type.is_some_and(is_json) {
        Ok(())
    } else {
        Err(FetchError::MediaType)
    }
}

/// Whether a `Content-Type` is `application/json` or `application/<anything>+json`, with whatever parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_media_type() {
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/client-id-metadata+json",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/html",
            "text/json",
            "application/jsonp",
            "application/xml",
            "json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
