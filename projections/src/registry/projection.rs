use std::sync::Arc;

use chancery_aggregates::group_sync::GroupSync;
use chancery_aggregates::license::License;
use chancery_aggregates::oauth2_app::OAuth2App;
use chancery_aggregates::organization_sync::OrganizationSync;
use chancery_aggregates::role_sync::RoleSync;
use chancery_ledger::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::entry::{self, Entry};
use crate::{ApplyError, Projection, ProjectionName};

/// The nouns of the registry.
const ENTRIES: [Entry; 5] = [
    Entry::of::<GroupSync>(),
    Entry::of::<License>(),
    Entry::of::<OAuth2App>(),
    Entry::of::<OrganizationSync>(),
    Entry::of::<RoleSync>(),
];

static TYPES: [&str; ENTRIES.len()] = types();

/// Version of the table and of how it is filled.
const TABLE_VERSION: u32 = 1;

/// The projection of the registry.
#[derive(Debug, Clone, Copy)]
pub struct Registry;

impl Projection for Registry {
    fn name(&self) -> ProjectionName {
        ProjectionName::REGISTRY
    }

    fn version(&self) -> i32 {
        VERSION
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &TYPES
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        entry::apply(&ENTRIES, events, connection).boxed()
    }
}

const fn types() -> [&'static str; ENTRIES.len()] {
    let mut types = [""; ENTRIES.len()];
    let mut index = 0;
    while index < types.len() {
        types[index] = ENTRIES[index].noun_type;
        index += 1;
    }
    types
}

/// Another one whenever a noun comes, goes or changes the shape of its state: their types and versions, hashed (FNV-1a).
const VERSION: i32 = {
    let mut hash = mix(0x811c_9dc5, &TABLE_VERSION.to_be_bytes());
    let mut index = 0;
    while index < ENTRIES.len() {
        hash = mix(hash, ENTRIES[index].noun_type.as_bytes());
        hash = mix(hash, &ENTRIES[index].state_version.to_be_bytes());
        index += 1;
    }
    (hash >> 1).cast_signed()
};

const fn mix(mut hash: u32, bytes: &[u8]) -> u32 {
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
        index += 1;
    }
    hash
}
