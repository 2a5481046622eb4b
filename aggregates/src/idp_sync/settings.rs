//! What the three kinds of settings have in common: they are replaced, or changed in a part.

use std::fmt::Debug;

use uuid::Uuid;

use super::{Mapping, MappingPatch};
use crate::audit::{Action, Entry, Resource, Title};
use crate::{Life, Refusal, RefusalClass};

/// The settings of a synchronisation.
pub trait Settings: Clone + Debug + PartialEq + Send + Sync {
    /// What a value of the claim stands for.
    type Target: Clone + Debug + PartialEq + Send + Sync;

    /// All of them but the mapping.
    type Config: Clone + Debug + PartialEq + Send + Sync;

    /// Replaces all but the mapping.
    fn configure(&mut self, config: Self::Config);

    /// The mapping.
    fn mapping(&self) -> &Mapping<Self::Target>;

    /// The mapping, to be changed.
    fn mapping_mut(&mut self) -> &mut Mapping<Self::Target>;
}

/// What can be asked of settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Command<S: Settings> {
    /// The change.
    pub change: Change<S>,
    /// The settings in force while none were ever recorded.
    pub initial: S,
}

/// A change of settings. Settings that are so already stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<S: Settings> {
    /// Replaces them.
    Replace(S),
    /// Replaces all but the mapping.
    Configure(S::Config),
    /// Changes the mapping alone.
    PatchMapping(MappingPatch<S::Target>),
}

/// Why a change of settings is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There are too many pairs in the mapping.
    #[error("A mapping has at most {most} pairs.")]
    MappingTooLarge {
        /// How many there may be.
        most: usize,
    },
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::MappingTooLarge { .. } => RefusalClass::Invalid { field: "mapping" },
        }
    }
}

impl<S: Settings> Command<S> {
    /// The settings to be recorded; `None`: they are so already.
    pub(super) fn decide(self, state: &Life<S>) -> Result<Option<S>, Error> {
        let before = state.live();
        let mut settings = before.cloned().unwrap_or(self.initial);
        match self.change {
            Change::Replace(replacing) => settings = replacing,
            Change::Configure(config) => settings.configure(config),
            Change::PatchMapping(patch) => settings.mapping_mut().patch(patch),
        }
        settings.mapping().check()?;
        Ok((before != Some(&settings)).then_some(settings))
    }
}

/// Tells the trail that settings were changed. Those of the deployment have no id of their own.
pub(super) fn written(
    resource: &'static Resource,
    name: &str,
    organization_id: Option<Uuid>,
) -> Entry {
    let title = Title::Set {
        name: name.to_owned(),
        icon: String::new(),
    };
    let id = organization_id.unwrap_or_default();
    let mut entry = Entry::new(resource, id, Action::Write, title);
    entry.organization_id = organization_id;
    entry
}
