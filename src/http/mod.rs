//! The program's face: HTTP. [`base`] is below the nouns, [`router`] above them.

pub mod api_key;
pub mod audit;
pub mod base;
pub mod deployment;
pub mod edge;
pub mod group;
pub mod idp_sync;
pub mod ledger;
pub mod license;
pub mod metrics;
pub mod oauth2;
pub mod oauth2_app;
pub mod oauth2_grant;
pub mod oauth2_settings;
pub mod organization;
pub mod organization_member;
pub mod page;
pub mod provisioner_daemon;
pub mod provisioner_key;
pub mod router;
pub mod scim;
pub mod user;
pub mod workspace_quota;

mod health;
mod openapi;
