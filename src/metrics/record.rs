//! What this server records, counted as it is recorded.

use std::collections::HashMap;

use chancery_aggregates::api_key::Origin;
use chancery_aggregates::login_refusal::{self, Reason};
use chancery_aggregates::nouns::EVENT_TYPES;
use chancery_aggregates::oauth2_grant::{self, ExchangeRefusal, RefreshRefusal, RevocationReason};
use chancery_ledger::{AppendedBatch, Observer, RecordedEvent};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use serde::Deserialize as _;
use strum::{VariantArray as _, VariantNames as _};

/// The outcome of a sign-in that is no refusal.
const SIGNED_IN: &str = "signed_in";

/// Counters of what is recorded.
#[derive(Debug)]
pub struct Record {
    /// By aggregate type and event type.
    events: HashMap<&'static str, HashMap<&'static str, Counter>>,
    sign_ins: Family<SignIn, Counter>,
    refusals: Family<Refusal, Counter>,
    ended: Family<Ended, Counter>,
    batch_appends: Histogram,
    append_duration: Histogram,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Event {
    event: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignIn {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refusal {
    request: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    reason: &'static str,
}

impl Record {
    /// Counters at zero, each with every label there is.
    pub fn registered(registry: &mut Registry) -> Self {
        // Appends in a batch: up to 128; time: from 0.25 ms to about 8 s.
        let batch_appends = Histogram::new(exponential_buckets(1.0, 2.0, 8));
        let append_duration = Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        registry.register(
            "ledger_batch_appends",
            "Appends that shared one commit",
            batch_appends.clone(),
        );
        registry.register_with_unit(
            "ledger_append_duration",
            "Time from the moment a batch is sent to the database until it is durable",
            Unit::Seconds,
            append_duration.clone(),
        );
        Self {
            events: events(registry),
            sign_ins: sign_ins(registry),
            refusals: refusals(registry),
            ended: ended(registry),
            batch_appends,
            append_duration,
        }
    }

    fn count(&self, event: &RecordedEvent) {
        let (kind, name) = (&*event.aggregate_type, &*event.event_type);
        if let Some(counter) = self.events.get(kind).and_then(|of| of.get(name)) {
            counter.inc();
        }
        match (kind, name) {
            ("login_refusal", _) => {
                if let Ok(login_refusal::Event::LoginRefused { reason, .. }) = event.decode() {
                    self.signed_in(reason.into());
                }
            }
            ("api_key", "api_key_created") => {
                let origin = event.payload.get("origin");
                let origin = origin.and_then(|origin| Origin::deserialize(origin).ok());
                if origin == Some(Origin::Login) {
                    self.signed_in(SIGNED_IN);
                }
            }
            ("oauth2_grant", "exchange_refused" | "refresh_refused" | "grant_revoked") => {
                if let Ok(event) = event.decode() {
                    self.count_refusal(&event);
                }
            }
            _ => {}
        }
    }

    fn signed_in(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&SignIn { outcome }).inc();
    }

    fn count_refusal(&self, event: &oauth2_grant::Event) {
        use oauth2_grant::Event;
        let (request, reason) = match event {
            Event::ExchangeRefused { reason, .. } => ("exchange", reason.as_str()),
            Event::RefreshRefused { reason, .. } => ("refresh", reason.as_str()),
            Event::GrantRevoked { reason, .. } => {
                let reason = reason.as_str();
                self.ended.get_or_create(&Ended { reason }).inc();
                return;
            }
            _ => return,
        };
        self.refusals
            .get_or_create(&Refusal { request, reason })
            .inc();
    }
}

impl Observer for Record {
    fn appended(&self, batch: &AppendedBatch<'_>) {
        self.append_duration.observe(batch.took.as_secs_f64());
        let appends = u32::try_from(batch.appends).unwrap_or(u32::MAX);
        self.batch_appends.observe(f64::from(appends));
        for event in batch.events {
            self.count(event);
        }
    }
}

fn events(registry: &mut Registry) -> HashMap<&'static str, HashMap<&'static str, Counter>> {
    let family = Family::<Event, Counter>::default();
    registry.register(
        "events",
        "Events that this server recorded, by type",
        family.clone(),
    );
    let of = |kind: &str, name: &'static str| {
        let event = format!("{kind}/{name}");
        (name, family.get_or_create_owned(&Event { event }))
    };
    let kinds = EVENT_TYPES.iter();
    kinds
        .map(|(kind, names)| (*kind, names.iter().map(|name| of(kind, name)).collect()))
        .collect()
}

fn sign_ins(registry: &mut Registry) -> Family<SignIn, Counter> {
    let family = Family::<SignIn, Counter>::default();
    for outcome in Reason::VARIANTS.iter().copied().chain([SIGNED_IN]) {
        drop(family.get_or_create(&SignIn { outcome }));
    }
    registry.register("sign_ins", "Sign-ins by what came of them", family.clone());
    family
}

fn refusals(registry: &mut Registry) -> Family<Refusal, Counter> {
    let family = Family::<Refusal, Counter>::default();
    let exchange = ExchangeRefusal::VARIANTS
        .iter()
        .map(|reason| ("exchange", reason.as_str()));
    let refresh = RefreshRefusal::VARIANTS
        .iter()
        .map(|reason| ("refresh", reason.as_str()));
    for (request, reason) in exchange.chain(refresh) {
        drop(family.get_or_create(&Refusal { request, reason }));
    }
    registry.register(
        "oauth2_refusals",
        "Codes and refresh tokens that were refused, by reason",
        family.clone(),
    );
    family
}

fn ended(registry: &mut Registry) -> Family<Ended, Counter> {
    let family = Family::<Ended, Counter>::default();
    for reason in RevocationReason::VARIANTS {
        let reason = reason.as_str();
        drop(family.get_or_create(&Ended { reason }));
    }
    registry.register(
        "oauth2_grants_ended",
        "Grants that ended, by reason",
        family.clone(),
    );
    family
}
