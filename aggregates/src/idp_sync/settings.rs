//! What the three kinds of settings have in common: they are replaced, or changed in a part.

use std::fmt::Debug;

use super::{Mapping, MappingPatch};
use crate::audit::{Action, Entry, Resource, Title};
use crate::organization::OrganizationId;
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

/// Makes settings a noun whose one event says all of what they are from then on.
macro_rules! recorded_whole {
    ($settings:ident, $noun_type:literal, $set:ident) => {
        /// What can be asked of the settings.
        pub type Command = crate::idp_sync::Command<$settings>;

        /// What happened to the settings.
        #[derive(
            Debug,
            Clone,
            PartialEq,
            Eq,
            Serialize,
            Deserialize,
            strum::IntoStaticStr,
            strum::VariantNames,
        )]
        #[serde(tag = "type", rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum Event {
            /// They are these from now on.
            $set($settings),
        }

        impl crate::Noun for $settings {
            const TYPE: &'static str = $noun_type;
            const STATE_VERSION: u32 = 1;
            const SNAPSHOT_EVERY: Option<usize> = Some(50);
            type Command = Command;
            type Event = Event;
            type Error = crate::idp_sync::Error;

            fn decide(
                state: &crate::Life<Self>,
                command: Command,
            ) -> Result<Vec<Event>, Self::Error> {
                let settings = command.decide(state)?;
                Ok(settings.map(Event::$set).into_iter().collect())
            }

            fn evolve(state: &mut crate::Life<Self>, event: Event) {
                let Event::$set(settings) = event;
                *state = crate::Life::Live(settings);
            }
        }
    };
}
pub(super) use recorded_whole;

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
    organization_id: Option<OrganizationId>,
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
