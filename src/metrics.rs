//! Counters for operators, as Prometheus text.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Method;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    writable: Gauge,
    head: Gauge,
    history_losses: Gauge,
    lost_swaps: Counter,
    signed: Gauge,
    altered: Gauge,
    checkpoint: Gauge,
    positions: Family<Projection, Gauge>,
    failed: Family<Projection, Gauge>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Projection {
    projection: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("chancery");
        let metrics = Self {
            requests: Family::default(),
            // From 0.25 ms to about 8 s.
            durations: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
            }),
            writable: Gauge::default(),
            head: Gauge::default(),
            history_losses: Gauge::default(),
            lost_swaps: Counter::default(),
            signed: Gauge::default(),
            altered: Gauge::default(),
            checkpoint: Gauge::default(),
            positions: Family::default(),
            failed: Family::default(),
            registry: Registry::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer a request",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "database_writable",
            "1 while the database answers and is neither read only nor a standby",
            metrics.writable.clone(),
        );
        registry.register(
            "ledger_head",
            "Position of the last event",
            metrics.head.clone(),
        );
        registry.register(
            "ledger_history_losses",
            "How often, since the start, the database lacked events that had been recorded",
            metrics.history_losses.clone(),
        );
        registry.register(
            "ledger_lost_swaps",
            "Batches that another server's append came before, and that the database had to decide",
            metrics.lost_swaps.clone(),
        );
        registry.register(
            "ledger_signed",
            "1 while this server signs checkpoints of the ledger",
            metrics.signed.clone(),
        );
        registry.register(
            "ledger_altered",
            "1 while the ledger is not signed because it was altered",
            metrics.altered.clone(),
        );
        registry.register(
            "ledger_checkpoint",
            "Position of the last checkpoint that this server signed",
            metrics.checkpoint.clone(),
        );
        registry.register(
            "projection_position",
            "Position up to which a projection has followed the ledger",
            metrics.positions.clone(),
        );
        registry.register(
            "projection_failed",
            "1 while a projection is stopped by an event it cannot apply",
            metrics.failed.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Counts an answered request. `route` is the matched pattern, never the path: what clients make up is without bound.
    pub fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&Request {
                method: method_label(method),
                route: route.to_owned(),
                status,
            })
            .inc();
        self.durations
            .get_or_create(&Route {
                route: route.to_owned(),
            })
            .observe(took.as_secs_f64());
    }

    /// Notes whether the database takes what is to be recorded.
    pub fn database_writable(&self, writable: bool) {
        self.writable.set(i64::from(writable));
    }

    /// Notes where the ledger is.
    pub fn ledger_at(&self, head: i64) {
        self.head.set(head);
    }

    /// Notes how often history was lost.
    pub fn history_lost(&self, times: u64) {
        self.history_losses
            .set(i64::try_from(times).unwrap_or(i64::MAX));
    }

    /// Notes how many batches another server's append came before, since the start.
    pub fn swaps_lost(&self, times: u64) {
        self.lost_swaps.inner().store(times, Ordering::Relaxed);
    }

    /// Notes whether the ledger is signed, whether it was altered, and the last position that is signed.
    pub fn ledger_signed(&self, signed: bool, altered: bool, checkpoint: Option<i64>) {
        self.signed.set(i64::from(signed));
        self.altered.set(i64::from(altered));
        self.checkpoint.set(checkpoint.unwrap_or_default());
    }

    /// Notes where a projection is, and whether an event stopped it.
    pub fn projection_at(&self, projection: &str, position: i64, failed: bool) {
        let labels = Projection {
            projection: projection.to_owned(),
        };
        self.positions.get_or_create(&labels).set(position);
        self.failed.get_or_create(&labels).set(i64::from(failed));
    }

    /// Everything, as text.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The method where it is one that routes have; clients may make up others, and each would be kept for ever.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_status() {
        let metrics = Metrics::default();
        metrics.answered(
            &Method::GET,
            "/api/v2/users/{user}",
            200,
            Duration::from_millis(3),
        );
        metrics.answered(
            &Method::GET,
            "/api/v2/users/{user}",
            200,
            Duration::from_millis(3),
        );
        metrics.projection_at("user", 7, true);
        let text = metrics.render().unwrap();
        let line = "chancery_http_requests_total{method=\"GET\",route=\"/api/v2/users/{user}\",status=\"200\"} 2";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("chancery_projection_failed{projection=\"user\"} 1"));
    }

    #[test]
    fn methods_that_clients_make_up_are_counted_as_one() {
        let metrics = Metrics::default();
        for method in ["BREW", "PROPFIND"] {
            let method = method.parse().unwrap();
            metrics.answered(&method, "", 405, Duration::ZERO);
        }
        let text = metrics.render().unwrap();
        assert!(
            text.contains("{method=\"other\",route=\"\",status=\"405\"} 2"),
            "{text}"
        );
    }
}
