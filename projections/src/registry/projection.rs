use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use chancery_aggregates::nouns;
use chancery_ledger::RecordedEvent;
use chancery_noun::{Noun, NounVisitor};
use sqlx::PgConnection;

use super::entry::{self, Entry};
use crate::{ApplyError, Projection, ProjectionName};

/// The nouns that are not in the registry: they have tables of their own, or nothing is asked of them.
const ELSEWHERE: [&str; 7] = [
    "deployment",
    "group",
    "login_refusal",
    "oauth2_grant",
    "oauth2_settings",
    "organization_member",
    "user",
];

/// Version of the table and of how it is filled.
const TABLE_VERSION: u32 = 2;

static NOUNS: LazyLock<Nouns> = LazyLock::new(|| {
    let mut list = Nouns::default();
    nouns::visit(&mut list);
    list
});

/// The nouns of the registry.
#[derive(Default)]
struct Nouns {
    types: Vec<&'static str>,
    entries: Vec<Entry>,
}

impl NounVisitor for Nouns {
    fn visit<N: Noun>(&mut self) {
        if !ELSEWHERE.contains(&N::TYPE) {
            self.types.push(N::TYPE);
            self.entries.push(Entry::of::<N>());
        }
    }
}

impl Nouns {
    /// Another one whenever a noun comes, goes or changes the shape of its state: their types and versions, hashed (FNV-1a).
    fn version(&self) -> i32 {
        let versions = self.entries.iter().flat_map(|entry| {
            let version = entry.state_version.to_be_bytes();
            entry.noun_type.bytes().chain(version)
        });
        let hash = TABLE_VERSION.to_be_bytes().into_iter().chain(versions);
        let hash = hash.fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        (hash >> 1).cast_signed()
    }
}

/// The projection of the registry.
#[derive(Debug, Clone, Copy)]
pub struct Registry;

#[async_trait]
impl Projection for Registry {
    fn name(&self) -> ProjectionName {
        ProjectionName::REGISTRY
    }

    fn version(&self) -> i32 {
        NOUNS.version()
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &NOUNS.types
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        entry::apply(&NOUNS.entries, events, connection).await
    }
}
