//! Events to read models in SQL, and the queries on them.
//!
//! [`engine`] follows the ledger and keeps the tables; there is a folder per noun with its tables (`tables.sql`), how
//! events change them (`projection.rs`) and its queries (`query.rs`, `sql/`). Queries take any executor of
//! [`Projections::pool`], on which every projection's tables are found by their unqualified names.

use std::sync::Arc;

pub mod api_key;
pub mod audit;
mod copy;
pub mod difference;
pub mod engine;
mod event;
pub mod group;
pub mod oauth2_app;
pub mod oauth2_grant;
pub mod organization;
pub mod provisioner_daemon;
pub mod registry;
pub mod streams;
pub mod user;

pub use engine::{
    ApplyError, AsOf, Behind, Comparison, Config, Difference, Progress, Projection,
    ProjectionError, ProjectionName, ProjectionStatus, Projections, RebuildError, ReplayAllError,
    SchemaName, StartError, State, StoppedAt, dump_schema, replay_all,
};
pub use streams::stream_types;

impl ProjectionName {
    /// Members of organizations, and groups.
    pub const ORGANIZATION: Self = Self::new("organization");
    /// Users.
    pub const USER: Self = Self::new("user");
    /// OAuth2 apps and their secrets.
    pub const OAUTH2_APP: Self = Self::new("oauth2_app");
    /// OAuth2 grants: codes and tokens.
    pub const OAUTH2_GRANT: Self = Self::new("oauth2_grant");
    /// The nouns that need no read model of their own.
    pub const REGISTRY: Self = Self::new("registry");
    /// The audit trail.
    pub const AUDIT: Self = Self::new("audit");
}

/// Every projection.
pub fn all() -> Vec<Arc<dyn Projection>> {
    vec![
        Arc::new(organization::Organizations),
        Arc::new(user::Users),
        Arc::new(oauth2_app::OAuth2Apps),
        Arc::new(oauth2_grant::OAuth2Grants),
        Arc::new(registry::Registry),
        Arc::new(audit::Audit),
    ]
}
