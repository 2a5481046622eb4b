//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;

use chancery_operations::Services;

use crate::app::checkpoints::Integrity;
use crate::app::connections::Connections;
use crate::config::{AccessUrl, Config};
use crate::http::provisioner_daemon::Sessions;
use crate::metrics::Metrics;
use crate::rate_limit::Limiters;
use crate::setup_code::SetupCode;

/// The shared state. Cloning it copies a pointer.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What is behind [`AppState`].
pub struct Shared {
    /// What operations work with.
    pub services: Services,
    /// The settings the server was started with.
    pub config: Config,
    /// The URL by which clients reach the server.
    pub access_url: AccessUrl,
    /// What whoever makes the first user from elsewhere must know.
    pub setup_code: SetupCode,
    /// Request rates.
    pub limiters: Limiters,
    /// The sessions of provisioner daemons.
    pub sessions: Sessions,
    /// Connections of clients.
    pub connections: Connections,
    /// Counters for operators.
    pub metrics: Metrics,
    /// What is known of the record's integrity.
    pub integrity: Integrity,
}

impl AppState {
    /// Shares `shared`.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Shared {
    /// Whether cookies carry `Secure`.
    pub fn secure_cookies(&self) -> bool {
        self.config
            .secure_cookies
            .unwrap_or_else(|| self.access_url.is_https())
    }
}
