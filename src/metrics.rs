//! Counters for operators, as Prometheus text. The values of every label are from a fixed set: what clients make up is without bound.

mod process;
mod record;
mod standing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::rate_limit::Class;
use process::Process;
pub use record::Record;
pub use standing::{ProjectionStanding, Standing};

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    limited: Family<Limited, Counter>,
    record: Arc<Record>,
    standing: Standing,
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
struct Limited {
    class: &'static str,
}

/// The class of a limit that is not of routes: of one account's passwords, or of one user's reads of the past.
const OTHER_CLASS: &str = "other";

impl Metrics {
    /// Everything at zero, of a process that was started at `started`.
    pub fn new(started: DateTime<Utc>) -> Self {
        let mut root = Registry::default();
        root.register_collector(Box::new(Process { started }));
        let registry = root.sub_registry_with_prefix("chancery");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        // From 0.25 ms to about 8 s.
        let durations: Family<Route, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 2.0, 16)));
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer a request",
            Unit::Seconds,
            durations.clone(),
        );
        let limited = Family::default();
        let classes = Class::ALL.iter().map(|class| class.as_str());
        for class in classes.chain([OTHER_CLASS]) {
            drop(limited.get_or_create(&Limited { class }));
        }
        registry.register(
            "rate_limited",
            "Requests refused as too many, by class of routes",
            limited.clone(),
        );
        registry.register(
            "build",
            "The program",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        Self {
            requests,
            durations,
            limited,
            record: Arc::new(Record::registered(registry)),
            standing: Standing::registered(registry),
            registry: root,
        }
    }

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

    /// Counts a request that was refused because there were too many of its class.
    pub fn limited(&self, class: Option<Class>) {
        let class = class.map_or(OTHER_CLASS, Class::as_str);
        self.limited.get_or_create(&Limited { class }).inc();
    }

    /// Counts what this server records; to be told by the ledger.
    pub fn record(&self) -> Arc<Record> {
        Arc::clone(&self.record)
    }

    /// How things stand; to be brought up to date before everything is shown.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Everything, as text.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The method where it is one that routes have; clients may make up others, and each would be kept for ever.
pub fn method_label(method: &Method) -> &'static str {
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
mod tests;
