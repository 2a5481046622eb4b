//! What was recorded before grants were exclusive per resource.

use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};

use super::Exclusive;

/// From version 1.0, whose grants were exclusive per app or not at all, and whose revocations named no resource.
pub(super) fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
    let exclusive = |event_type| -> Box<dyn EventUpcaster> {
        Box::new(SemanticVersionEventUpcaster::new(
            event_type,
            "2.0",
            Box::new(|mut payload| {
                let was_exclusive = payload["exclusive"] == true;
                let exclusive = if was_exclusive {
                    Exclusive::PerApp
                } else {
                    Exclusive::No
                };
                payload["exclusive"] = exclusive.as_str().into();
                payload
            }),
        ))
    };
    vec![
        exclusive("code_issued"),
        exclusive("code_exchanged"),
        exclusive("token_refreshed"),
        Box::new(SemanticVersionEventUpcaster::new(
            "grant_revoked",
            "2.0",
            Box::new(|payload| payload),
        )),
    ]
}
