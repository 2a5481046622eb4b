//! What holds for every OAuth2 client (docs/contract/oauth2.md 11.1).

use chancery_aggregates::deployment::DeploymentId;
use chancery_aggregates::oauth2_settings::{self, Command, Domain};

pub use chancery_aggregates::oauth2_settings::OAuth2Settings;

use crate::failure::{Checks, Failure};
use crate::leave::Thing;
use crate::policy::{Action, Resource};
use crate::{Caller, Services};

/// Most domains whose documents are trusted.
const MAX_DOMAINS: usize = 256;

/// The settings, as leave to change them names them: by the deployment's id.
struct TheSettings(DeploymentId);

impl Thing for TheSettings {
    type Noun = oauth2_settings::OAuth2Settings;

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::ChangeOAuth2Settings(_) => Some(Action::Update),
        }
    }
}

/// What is to be changed; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct OAuth2SettingsForm {
    /// Whether clients may register themselves.
    pub dynamic_client_registration_enabled: Option<bool>,
    /// Whether a client's id may be the URL of its metadata document.
    pub client_metadata_documents_enabled: Option<bool>,
    /// Where such documents may be: host names, or `*.` and one for all below it. Empty: anywhere.
    pub client_metadata_document_domains: Option<Vec<String>>,
}

/// Shows the settings.
pub async fn get(caller: &Caller) -> Result<OAuth2Settings, Failure> {
    caller.sees(Resource::of_owners::<OAuth2Settings>())?;
    present(caller.services()).await
}

/// Changes the settings.
pub async fn change(caller: &Caller, form: OAuth2SettingsForm) -> Result<OAuth2Settings, Failure> {
    let thing = TheSettings(caller.services().deployment().deployment_id);
    let leave = caller.may(Action::Update, &thing)?;
    let settings = form.check(present(caller.services()).await?)?;
    let command = Command::ChangeOAuth2Settings(settings.clone());
    leave.record(command).await?;
    Ok(settings)
}

/// The settings as they are recorded now, by whichever server.
pub(crate) async fn present(services: &Services) -> Result<OAuth2Settings, Failure> {
    let id = services.deployment().deployment_id.to_string();
    let view = services.ledger().now().await?;
    let seen = view.state::<OAuth2Settings>(&id).await?;
    Ok(seen.state.life.live().cloned().unwrap_or_default())
}

/// The settings as this server knows them, for what is told of them.
pub async fn known(services: &Services) -> Result<OAuth2Settings, Failure> {
    let id = services.deployment().deployment_id.to_string();
    let view = services.ledger().so_far();
    let seen = view.state::<OAuth2Settings>(&id).await?;
    Ok(seen.state.life.live().cloned().unwrap_or_default())
}

impl OAuth2SettingsForm {
    fn check(self, present: OAuth2Settings) -> Result<OAuth2Settings, Failure> {
        const DOMAINS: &str = "client_metadata_document_domains";
        let mut checks = Checks::default();
        let domains = match self.client_metadata_document_domains {
            None => present.client_metadata_document_domains,
            Some(sent) => {
                if sent.len() > MAX_DOMAINS {
                    checks.note(DOMAINS, "must be at most 256");
                }
                let sent = sent.iter().take(MAX_DOMAINS).enumerate();
                let checked = sent.map(|(index, text)| {
                    checks.of(format!("{DOMAINS}[{index}]"), Domain::parse(text))
                });
                checked.collect()
            }
        };
        let (registration, documents) = (
            self.dynamic_client_registration_enabled,
            self.client_metadata_documents_enabled,
        );
        checks.pass(OAuth2Settings {
            dynamic_client_registration_enabled: registration
                .unwrap_or(present.dynamic_client_registration_enabled),
            client_metadata_documents_enabled: documents
                .unwrap_or(present.client_metadata_documents_enabled),
            client_metadata_document_domains: domains,
        })
    }
}
