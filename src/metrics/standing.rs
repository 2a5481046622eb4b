//! How things stand when the metrics are read.

use std::sync::atomic::{AtomicU64, Ordering};

use chancery_operations::PoolUse;
use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::app::checkpoints::Report;

/// Gauges.
#[derive(Debug, Default)]
pub struct Standing {
    connections: Gauge,
    writable: Gauge,
    head: Gauge,
    history_losses: Gauge,
    lost_swaps: Counter,
    signed: Gauge,
    altered: Gauge,
    checkpoint: Gauge,
    verified_at: Gauge,
    pool_connections: Family<PoolState, Gauge>,
    pool_max: Family<Pool, Gauge>,
    positions: Family<Projection, Gauge>,
    failed: Family<Projection, Gauge>,
    lag: Family<Projection, Gauge<f64, AtomicU64>>,
    rebuilding: Family<Projection, Gauge>,
    rebuild_positions: Family<Projection, Gauge>,
}

/// How a projection stands.
#[derive(Clone, Copy, Debug)]
pub struct ProjectionStanding {
    /// Up to where it has followed the ledger.
    pub position: i64,
    /// How long ago the first event was recorded that it does not reflect.
    pub lag_seconds: f64,
    /// Up to where a running rebuild is.
    pub rebuild: Option<i64>,
    /// Whether an event that it cannot apply has stopped it.
    pub is_stopped: bool,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Projection {
    projection: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PoolState {
    pool: &'static str,
    state: &'static str,
}

impl Standing {
    /// Gauges at zero.
    pub fn registered(registry: &mut Registry) -> Self {
        let standing = Self::default();
        let connections = standing.connections.clone();
        registry.register(
            "http_connections",
            "Connections of clients that are open",
            connections,
        );
        registry.register(
            "database_writable",
            "1 while the database answers and is neither read only nor a standby",
            standing.writable.clone(),
        );
        standing.register_ledger(registry);
        let counted = standing.pool_connections.clone();
        registry.register(
            "database_connections",
            "Connections to PostgreSQL, by pool and state",
            counted,
        );
        let max = standing.pool_max.clone();
        registry.register(
            "database_connections_max",
            "Connections that a pool may have",
            max,
        );
        standing.register_projections(registry);
        standing
    }

    fn register_ledger(&self, registry: &mut Registry) {
        let gauges = [
            ("head", "Position of the last event", &self.head),
            (
                "history_losses",
                "How often, since the start, the database lacked events that had been recorded",
                &self.history_losses,
            ),
            (
                "signed",
                "1 while this server signs checkpoints of the ledger",
                &self.signed,
            ),
            (
                "altered",
                "1 while the ledger is not signed because it was altered",
                &self.altered,
            ),
            (
                "checkpoint",
                "Position of the last checkpoint that this server signed",
                &self.checkpoint,
            ),
        ];
        let ledger = registry.sub_registry_with_prefix("ledger");
        for (name, help, gauge) in gauges {
            ledger.register(name, help, gauge.clone());
        }
        ledger.register_with_unit(
            "checkpoint_timestamp",
            "When this server last verified all events there were and signed them, since 1970; 0: not yet",
            Unit::Seconds,
            self.verified_at.clone(),
        );
        ledger.register(
            "lost_swaps",
            "Batches that another server's append came before, and that the database had to decide",
            self.lost_swaps.clone(),
        );
    }

    fn register_projections(&self, registry: &mut Registry) {
        let gauges = [
            (
                "position",
                "Position up to which a projection has followed the ledger",
                &self.positions,
            ),
            (
                "failed",
                "1 while a projection is stopped by an event it cannot apply",
                &self.failed,
            ),
            (
                "rebuilding",
                "1 while a projection is being rebuilt",
                &self.rebuilding,
            ),
            (
                "rebuild_position",
                "Position up to which a running rebuild is; 0: none runs",
                &self.rebuild_positions,
            ),
        ];
        let projection = registry.sub_registry_with_prefix("projection");
        for (name, help, gauge) in gauges {
            projection.register(name, help, gauge.clone());
        }
        projection.register_with_unit(
            "lag",
            "How long ago the first event was recorded that a projection does not reflect",
            Unit::Seconds,
            self.lag.clone(),
        );
    }

    /// Notes how many connections of clients are open.
    pub fn connections(&self, open: usize) {
        self.connections
            .set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// Notes whether the database takes what is to be recorded.
    pub fn database_writable(&self, is_writable: bool) {
        self.writable.set(i64::from(is_writable));
    }

    /// Notes where the ledger is.
    pub fn ledger(&self, head: i64, history_losses: u64, lost_swaps: u64) {
        self.head.set(head);
        self.history_losses
            .set(i64::try_from(history_losses).unwrap_or(i64::MAX));
        self.lost_swaps.inner().store(lost_swaps, Ordering::Relaxed);
    }

    /// Notes what is known of the ledger's integrity.
    pub fn integrity(&self, report: &Report) {
        let signed = report.checkpoint.as_ref();
        self.signed.set(i64::from(report.problem().is_none()));
        self.altered.set(i64::from(report.altered.is_some()));
        self.checkpoint
            .set(signed.map(|signed| signed.position.0).unwrap_or_default());
        self.verified_at.set(
            report
                .verified_at
                .as_ref()
                .map_or(0, DateTime::<Utc>::timestamp),
        );
    }

    /// Notes how a pool of connections is used.
    pub fn pool(&self, pool: &PoolUse) {
        let name = pool.name;
        let set = |state, count| {
            let labels = PoolState { pool: name, state };
            self.pool_connections
                .get_or_create(&labels)
                .set(i64::from(count));
        };
        set("in_use", pool.in_use);
        set("idle", pool.idle);
        self.pool_max
            .get_or_create(&Pool { pool: name })
            .set(i64::from(pool.max));
    }

    /// Notes how a projection stands.
    pub fn projection(&self, name: &str, standing: &ProjectionStanding) {
        let labels = Projection {
            projection: name.to_owned(),
        };
        self.positions.get_or_create(&labels).set(standing.position);
        self.lag.get_or_create(&labels).set(standing.lag_seconds);
        let is_stopped = i64::from(standing.is_stopped);
        self.failed.get_or_create(&labels).set(is_stopped);
        let is_rebuilding = i64::from(standing.rebuild.is_some());
        self.rebuilding.get_or_create(&labels).set(is_rebuilding);
        self.rebuild_positions
            .get_or_create(&labels)
            .set(standing.rebuild.unwrap_or_default());
    }
}
