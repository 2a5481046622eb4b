use serde_json::{Value, json};

use super::{AppSecretId, Event, OAuth2App, OAuth2AppId, Settings};
use crate::audit::Kind::{Flag, List, Secret, Text};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

pub(crate) static APP: Resource = Resource::new(
    "oauth2_provider_app",
    &[Action::Create, Action::Write, Action::Delete],
    &[
        field("name", Text),
        field("icon", Text),
        field("callback_url", Text),
        field("redirect_uris", List),
        field("client_type", Text),
        field("token_endpoint_auth_method", Text),
        field("require_pkce", Flag),
        field("allow_multiple_grants", Flag),
        field("dynamically_registered", Flag),
        field("client_id_url", Text),
        field("registration_access_token", Secret),
        field("grant_types", List),
        field("response_types", List),
        field("scope", Text),
        field("application_type", Text),
        field("client_uri", Text),
        field("tos_uri", Text),
        field("policy_uri", Text),
        field("jwks_uri", Text),
        field("contacts", List),
        field("software_id", Text),
        field("software_version", Text),
    ],
);

/// No field of a secret is tracked (docs/contract/oauth2.md 9.4).
static SECRET: Resource = Resource {
    name: "oauth2_provider_app_secret",
    actions: &[Action::Create, Action::Delete],
    fields: &[],
    ends_unseen: true,
};

impl Audited for OAuth2App {
    const RESOURCES: &'static [&'static Resource] = &[&APP, &SECRET];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let app_id: OAuth2AppId = id.parse()?;
        let app = |action, title| Entry::new(&APP, app_id, action, title);
        let secret = |secret_id: &AppSecretId, action, title| {
            Entry::new(&SECRET, *secret_id, action, title).with("app_id", json!(app_id))
        };
        let shown =
            |settings: &Settings| Title::set(settings.name.as_str(), settings.icon.as_str());
        Ok(Some(match event {
            Event::Oauth2AppCreated(new) | Event::Oauth2AppRegistered(new) => {
                app(Action::Create, shown(&new.settings))
            }
            Event::Oauth2AppRegistrationChanged(change) => {
                app(Action::Write, shown(&change.settings))
            }
            Event::Oauth2AppUpdated(settings) => app(Action::Write, shown(settings)),
            Event::Oauth2AppDeleted {} => app(Action::Delete, Title::Kept),
            Event::Oauth2AppSecretCreated(new) => {
                let title = Title::set(&new.display_secret, "");
                secret(&new.secret_id, Action::Create, title)
            }
            Event::Oauth2AppSecretDeleted { secret_id } => {
                secret(secret_id, Action::Delete, Title::Kept)
            }
        }))
    }

    fn view(&self, _id: &str, resource: &Resource) -> Option<Value> {
        if *resource != APP {
            return None;
        }
        let mut view = serde_json::to_value(self).ok()?;
        if let (Some(registration), Some(members)) = (&self.registration, view.as_object_mut()) {
            members.extend(registration.tracked()?);
        }
        Some(view)
    }
}
