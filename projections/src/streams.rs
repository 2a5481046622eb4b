//! Registers the nouns with the ledger, which knows none.

use chancery_aggregates::nouns;
use chancery_ledger::StreamTypes;

/// Every noun's streams, for `Ledger::open`.
pub fn stream_types() -> StreamTypes {
    let mut types = StreamTypes::new();
    nouns::visit(&mut types);
    types
}
