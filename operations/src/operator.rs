//! An operator: one who has the data itself, and so may do everything. What is done so is recorded as the operator's.

use crate::author::Author;
use crate::leave::{Leave, Thing};
use crate::policy::{Action, PublicOperation};
use crate::{Actor, Services};

/// An operator, at work on the data without any server between.
#[derive(Clone)]
pub struct Operator(Author);

impl Operator {
    /// The operator whom the operating system knows by this number and name.
    pub fn new(services: &Services, id: u32, name: impl Into<String>) -> Self {
        Self(Author {
            services: services.clone(),
            actor: Actor::operator(id, name),
            facts: None,
        })
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.0.services
    }

    /// Leave to do `action` to `thing`.
    pub(crate) fn may<'a, T: Thing>(&self, action: Action, thing: &'a T) -> Leave<'a, T> {
        Leave::public(PublicOperation::Operator, self.0.clone(), action, thing)
    }
}
