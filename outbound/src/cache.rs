//! Documents that were fetched, for as long as HTTP lets them be kept (RFC 9111).

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_cache_semantics::{AfterResponse, BeforeRequest, CacheOptions, CachePolicy};
use lru::LruCache;
use url::Url;

use crate::client::{Exchange, Outbound};
use crate::error::FetchError;

/// Whatever a server says, its document is asked for again after a day.
const LONGEST: Duration = Duration::from_hours(24);

/// Fetches JSON documents and keeps them by HTTP's rules. Those who want the same document at once share one request. What fails is
/// not kept.
pub struct JsonCache {
    outbound: Arc<Outbound>,
    kept: Mutex<LruCache<Url, Place>>,
}

/// Where a document is kept. Whoever fetches it holds the lock.
type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;

struct Kept {
    policy: CachePolicy,
    body: Bytes,
}

impl JsonCache {
    /// A cache of so many documents.
    pub fn new(outbound: Arc<Outbound>, documents: NonZeroUsize) -> Self {
        Self {
            outbound,
            kept: Mutex::new(LruCache::new(documents)),
        }
    }

    /// The document at `url`, as fresh as its server wants it at `now`.
    pub async fn get(&self, url: &Url, now: SystemTime) -> Result<Bytes, FetchError> {
        let place = self.place(url);
        let mut kept = place.lock().await;
        let mut request = self.outbound.request(url)?;
        if let Some(kept) = kept.as_ref() {
            match kept.asked(&request, now) {
                Answer::Here(body) => return Ok(body),
                Answer::ToBeFetched(conditional) => request = conditional,
            }
        }
        let previous = kept.take();
        let exchange = self.outbound.send(url, request).await?;
        let received = Kept::of(exchange, previous, now)?;
        let body = received.body.clone();
        *kept = received.policy.is_storable().then_some(received);
        Ok(body)
    }

    fn place(&self, url: &Url) -> Place {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.get_or_insert(url.clone(), Place::default))
    }
}

/// What a document that is kept says to a request for it.
enum Answer {
    /// It is as good as what the server has.
    Here(Bytes),
    /// The server is to be asked, with these conditions.
    ToBeFetched(Request<()>),
}

impl Kept {
    fn asked(&self, request: &Request<()>, now: SystemTime) -> Answer {
        match self.policy.before_request(request, now) {
            BeforeRequest::Fresh(_) if self.policy.age(now) < LONGEST => {
                Answer::Here(self.body.clone())
            }
            BeforeRequest::Fresh(_) => Answer::ToBeFetched(request.clone()),
            BeforeRequest::Stale { request, .. } => {
                Answer::ToBeFetched(Request::from_parts(request, ()))
            }
        }
    }

    /// What an answer leaves: a new document, or the previous one once more.
    fn of(exchange: Exchange, previous: Option<Self>, now: SystemTime) -> Result<Self, FetchError> {
        let Exchange { request, response } = exchange;
        let not_modified = response.status() == StatusCode::NOT_MODIFIED;
        match previous {
            Some(previous) if not_modified => {
                match previous.policy.after_response(&request, &response, now) {
                    AfterResponse::NotModified(policy, _) | AfterResponse::Modified(policy, _) => {
                        Ok(Self {
                            policy,
                            body: previous.body,
                        })
                    }
                }
            }
            // Nothing was asked for with a condition.
            None if not_modified => Err(FetchError::Status(response.status().as_u16())),
            Some(_) | None => Ok(Self {
                policy: CachePolicy::new_options(&request, &response, now, CacheOptions::default()),
                body: response.into_body(),
            }),
        }
    }
}
