//! Clients whose id is the URL of their metadata document (OAuth Client ID Metadata Document).

use chancery_aggregates::oauth2::client_id_url::ClientIdUrl;
use chancery_aggregates::oauth2::client_metadata::{
    ClientMetadata, InvalidClientMetadata, PresentedMetadata,
};
use chancery_aggregates::oauth2_app::{Command, Error, NewRegistration, RegisteredBy};
use chancery_outbound::FetchError;

use super::{App, Client, find_client};
use crate::authenticate::Presumed;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::oauth2_settings;
use crate::policy::{Action, PublicOperation};
use crate::{Actor, Caller};

/// Why a client cannot be known by its document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentFailure {
    /// The operator trusts no documents, or none of that host.
    #[error("applications described at {0} are not trusted here")]
    NotTrusted(String),
    /// An administrator deleted the client.
    #[error("the application is not admitted here")]
    Barred,
    /// The document cannot be had.
    #[error("the application's description cannot be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// The document has not the shape of metadata.
    #[error("the application's description cannot be read: {0}")]
    Shape(#[from] serde_json::Error),
    /// The document breaks a rule.
    #[error("the application's description is not valid: {0}")]
    Invalid(#[from] InvalidClientMetadata),
    /// Something else.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// The client of a document as it is now: fetched where HTTP's rules let it be kept no longer, and recorded where it is new or has
/// changed. For those who are signed in: nobody else makes the server fetch anything.
pub async fn client_of_document(
    presumed: &Presumed,
    id: &ClientIdUrl,
) -> Result<Client, DocumentFailure> {
    let caller = presumed.caller();
    let services = caller.services();
    let settings = oauth2_settings::present(services).await?;
    if !settings.trusts_documents_of(id.host()) {
        return Err(DocumentFailure::NotTrusted(id.host().to_owned()));
    }
    let now = services.clock().now();
    let document = services.client_documents().get(id.url(), now.into());
    let presented: PresentedMetadata = serde_json::from_slice(&document.await?)?;
    let metadata = presented.of_document(id)?;
    let known = find_client(services, id.app_id()).await?;
    match known {
        Some(client) if client.thing.metadata().as_ref() == Some(&metadata) => Ok(client),
        Some(_) => change(caller, id, metadata).await,
        None => register(caller, id, metadata).await,
    }
}

async fn register(
    caller: &Caller,
    id: &ClientIdUrl,
    metadata: ClientMetadata,
) -> Result<Client, DocumentFailure> {
    let app = App(id.app_id());
    let new = NewRegistration {
        metadata: metadata.clone(),
        by: RegisteredBy::Document {
            url: id.as_str().to_owned(),
        },
        secret: None,
    };
    let leave = leave(caller, Action::Create, &app, &metadata);
    match leave.try_record(Command::RegisterOAuth2App(new)).await? {
        Ok(_) => recorded(caller, &app).await,
        // Another request came first.
        Err(Error::AlreadyExists) => change(caller, id, metadata).await,
        Err(Error::NotFound) => Err(DocumentFailure::Barred),
        Err(refused) => Err(Failure::of_refusal(&refused).into()),
    }
}

async fn change(
    caller: &Caller,
    id: &ClientIdUrl,
    metadata: ClientMetadata,
) -> Result<Client, DocumentFailure> {
    let app = App(id.app_id());
    let leave = leave(caller, Action::Update, &app, &metadata);
    let command = Command::ChangeOAuth2AppRegistration(metadata);
    match leave.try_record(command).await? {
        Ok(_) => recorded(caller, &app).await,
        Err(Error::NotFound) => Err(DocumentFailure::Barred),
        Err(refused) => Err(Failure::of_refusal(&refused).into()),
    }
}

/// The client's own leave: it says everything of itself.
fn leave<'a>(
    caller: &Caller,
    action: Action,
    app: &'a App,
    metadata: &ClientMetadata,
) -> Leave<'a, App> {
    let actor = Actor::oauth2_app(app.0, metadata.client_name.as_str(), None);
    let author = caller.as_actor(actor);
    Leave::public(PublicOperation::ClientRegistration, author, action, app)
}

async fn recorded(caller: &Caller, app: &App) -> Result<Client, DocumentFailure> {
    let client = find_client(caller.services(), app.0).await?;
    client.ok_or(DocumentFailure::Barred)
}
