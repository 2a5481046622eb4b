use super::{Event, OAuth2Settings};
use crate::audit::Kind::{Flag, List};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};
use crate::deployment::DeploymentId;

static SETTINGS: Resource = Resource {
    name: "oauth2_provider_settings",
    actions: &[Action::Write],
    fields: &[
        field("dynamic_client_registration_enabled", Flag),
        field("client_metadata_documents_enabled", Flag),
        field("client_metadata_document_domains", List),
    ],
    ends_unseen: false,
};

impl Audited for OAuth2Settings {
    const RESOURCES: &'static [&'static Resource] = &[&SETTINGS];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let Event::Oauth2SettingsChanged(_) = event;
        let title = Title::Set {
            name: "OAuth2 provider".to_owned(),
            icon: String::new(),
        };
        Ok(Some(Entry::new(
            &SETTINGS,
            id.parse::<DeploymentId>()?,
            Action::Write,
            title,
        )))
    }
}
