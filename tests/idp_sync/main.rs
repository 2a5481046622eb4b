//! Synchronisation with an identity provider over HTTP (docs/contract/idpsync.md), against the real server on a database of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod initial;
mod mapping;
mod settings;

/// The settings of organizations.
const ORGANIZATIONS: &str = "/api/v2/settings/idpsync/organization";
/// The settings of the default organization's groups.
const GROUPS: &str = "/api/v2/organizations/default/settings/idpsync/groups";
/// The settings of the default organization's roles.
const ROLES: &str = "/api/v2/organizations/default/settings/idpsync/roles";
