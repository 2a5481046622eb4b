//! An account to another build of the program, whose events may be any.

use chancery_noun::{EventTypes, Life, Noun, UniqueKey};
use cqrs_es::DomainEvent;
use cqrs_es::persist::EventUpcaster;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::Account;

/// An account. It has no key but the name that one of its events says to be free again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Foreign;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForeignEvent(Value);

impl EventTypes for ForeignEvent {
    const VARIANTS: &'static [&'static str] = &[];
}

impl DomainEvent for ForeignEvent {
    fn event_type(&self) -> String {
        self.0["type"].as_str().unwrap_or_default().to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Noun for Foreign {
    const TYPE: &'static str = Account::<0>::TYPE;
    const STATE_VERSION: u32 = 1;
    type Command = Value;
    type Event = ForeignEvent;
    type Error = std::fmt::Error;

    fn decide(_: &Life<Self>, event: Value) -> Result<Vec<ForeignEvent>, std::fmt::Error> {
        Ok(vec![ForeignEvent(event)])
    }

    fn evolve(state: &mut Life<Self>, _: ForeignEvent) {
        *state = Life::Live(Self);
    }

    fn keys(_: &str, event: &ForeignEvent) -> Vec<UniqueKey> {
        match event.0["closed_name"].as_str() {
            Some(name) => vec![UniqueKey::Free(format!("account_name:{name}"))],
            None => Vec::new(),
        }
    }

    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        Account::<0>::upcasters()
    }
}
