use serde_json::Value;

use super::{Event, User, UserId};
use crate::audit::Kind::{Flag, List, Secret, Text};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

pub(crate) static USER: Resource = Resource {
    name: "user",
    actions: &[Action::Create, Action::Write, Action::Delete],
    fields: &[
        field("id", Text),
        field("email", Text),
        field("username", Text),
        field("name", Text),
        field("status", Text),
        field("login_type", Text),
        field("rbac_roles", List),
        field("quiet_hours_schedule", Text),
        field("deleted", Flag),
        field("hashed_password", Secret),
    ],
    ends_unseen: false,
};

impl Audited for User {
    const RESOURCES: &'static [&'static Resource] = &[&USER];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let named = |username: &str| Title::Set {
            name: username.to_owned(),
            icon: String::new(),
        };
        let (action, title) = match event {
            Event::UserCreated { username, .. } => (Action::Create, named(username.expose())),
            Event::UserProfileUpdated { username, .. } => (Action::Write, named(username.expose())),
            Event::UserActivated {}
            | Event::UserSuspended { .. }
            | Event::UserReinstated {}
            | Event::PasswordChanged { .. }
            | Event::UserRolesChanged { .. }
            | Event::QuietHoursScheduleSet { .. } => (Action::Write, Title::Kept),
            Event::UserDeleted { .. } => (Action::Delete, Title::Kept),
        };
        Ok(Some(Entry::new(
            &USER,
            id.parse::<UserId>()?,
            action,
            title,
        )))
    }

    fn view(&self, _id: &str, _resource: &Resource) -> Option<Value> {
        let mut view = serde_json::to_value(self).ok()?;
        view["rbac_roles"] = view["roles"].take();
        Some(view)
    }
}
