//! How the audit trail shows nouns: which event is which action on which resource, and which fields are tracked
//! (docs/contract/core.md 7). What a change was follows from the states before and after.

use serde_json::{Map, Value};
use strum::IntoStaticStr;
use uuid::Uuid;

use crate::Noun;
use crate::organization::OrganizationId;
use crate::user::UserId;

/// The longest list that an entry shows whole. Of a longer one only what came and went is shown.
pub const SHOWN_WHOLE: usize = 256;

/// What was done, or attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// It was created.
    Create,
    /// It was changed.
    Write,
    /// It was deleted.
    Delete,
    /// Somebody signed in.
    Login,
    /// Somebody signed out.
    Logout,
}

/// Why an attempt was refused, as a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// What was presented is not valid.
    Invalid,
    /// Nobody was recognised.
    Unauthenticated,
    /// It is allowed to nobody, or not to the one who asked.
    Forbidden,
    /// There were too many attempts.
    RateLimited,
}

/// What a field holds: says what its zero value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text, an id, a name of a variant: zero is the empty text.
    Text,
    /// A time: zero is `0001-01-01T00:00:00Z`.
    Time,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// A list: zero is the empty one. `null` in a view when it is longer than [`SHOWN_WHOLE`].
    List,
    /// An object: zero is the empty one.
    Map,
    /// Never shown: only that it changed.
    Secret,
    /// The title that the entry has, shown as a field too.
    Title,
}

/// A tracked field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, in the audit API's words.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// A tracked field of this name and kind.
pub const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

/// A type of thing that entries are about (docs/contract/core.md 7.2, 7.3). Its name stands for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// The type's name, in the audit API's words.
    pub name: &'static str,
    /// What is done to such things.
    pub actions: &'static [Action],
    /// The tracked fields.
    pub fields: &'static [Field],
    /// Whether such a thing may end without an event of its own, with something that it belongs to.
    pub ends_unseen: bool,
}

impl Resource {
    /// A type of things of which each ends with an event of its own.
    pub const fn new(
        name: &'static str,
        actions: &'static [Action],
        fields: &'static [Field],
    ) -> Self {
        Self {
            name,
            actions,
            fields,
            ends_unseen: false,
        }
    }
}

/// Where the name and the icon of an entry come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Title {
    /// It is called so from this event on.
    Set {
        /// Its name.
        name: String,
        /// The URL or path of an image; may be empty.
        icon: String,
    },
    /// The event says the name, which nothing else goes by.
    Said(String),
    /// It is called as it was.
    Kept,
    /// It is called like another thing.
    Of(&'static Resource, Uuid),
}

impl Title {
    /// It is called so from this event on.
    pub fn set(name: impl Into<String>, icon: impl Into<String>) -> Self {
        let (name, icon) = (name.into(), icon.into());
        Self::Set { name, icon }
    }
}

/// A list that an event changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChange {
    /// The field.
    pub field: &'static str,
    /// What came.
    pub added: Vec<Value>,
    /// What went.
    pub removed: Vec<Value>,
}

/// What an event is to the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What kind of thing it is about.
    pub resource: &'static Resource,
    /// The thing's id, as the audit API shows it.
    pub id: Uuid,
    /// What was done; `None`: nobody's action, and no entry.
    pub action: Option<Action>,
    /// Why it was refused; `None`: it was done.
    pub refusal: Option<Refusal>,
    /// What the thing is called.
    pub title: Title,
    /// Whose action it is when no user is recorded as the actor.
    pub user_id: Option<UserId>,
    /// The organization that the thing belongs to.
    pub organization_id: Option<OrganizationId>,
    /// What else is known. Never a secret.
    pub details: Map<String, Value>,
    /// How a list changed that may be too long to be shown whole.
    pub listed: Option<ListChange>,
}

impl Entry {
    /// An action on a thing that belongs to no organization.
    pub fn new(
        resource: &'static Resource,
        id: impl Into<Uuid>,
        action: Action,
        title: Title,
    ) -> Self {
        Self {
            resource,
            id: id.into(),
            action: Some(action),
            refusal: None,
            title,
            user_id: None,
            organization_id: None,
            details: Map::new(),
            listed: None,
        }
    }

    /// With one thing more that is known.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// A noun that the trail shows.
pub trait Audited: Noun {
    /// What its events are about; empty: they leave no entries.
    const RESOURCES: &'static [&'static Resource];

    /// What an event of the stream named `id` is to the trail; `None`: nothing. An error: the stream's name is not the UUID
    /// that it should be.
    fn entry(id: &str, event: &Self::Event) -> Result<Option<Entry>, uuid::Error>;

    /// The tracked fields of a thing, seen as one of its resources: an object, whose further members do not count. `None`:
    /// there is no such resource. `id`, `created_at` and `updated_at` are added where they are missing.
    fn view(&self, id: &str, resource: &Resource) -> Option<Value> {
        let _ = (id, resource);
        serde_json::to_value(self).ok()
    }

    /// The stream that a resource's id says by itself; `None`: it says none.
    fn stream_of(resource_id: Uuid) -> Option<String> {
        let _ = resource_id;
        None
    }
}

/// Something that is done with each noun of a list.
pub trait AuditedVisitor {
    /// Does it with one of them.
    fn visit<N: Audited>(&mut self);
}
