//! Clients register themselves (RFC 7591), and manage their registrations (RFC 7592; docs/contract/oauth2.md 11).

use chancery_aggregates::oauth2::client_metadata::{
    ClientMetadata, InvalidClientMetadata, PresentedMetadata,
};
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_app::{
    AppSecret, Command, Error, NewRegistration, OAuth2AppId, RegisteredBy,
};
use chrono::{DateTime, Utc};

use super::{App, Client, find};
use crate::failure::Failure;
use crate::leave::Leave;
use crate::oauth2_settings;
use crate::policy::{Action, PublicOperation};
use crate::secret::{NewPrefixedSecret, Secret, short_id};
use crate::{Actor, Guest};

/// Why a client is not registered, or its registration not changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationFailure {
    /// The operator lets nobody register.
    #[error("Dynamic client registration is disabled on this server")]
    Disabled,
    /// What it says of itself is refused.
    #[error(transparent)]
    Invalid(#[from] InvalidClientMetadata),
    /// It names another client's id.
    #[error("client_id is not the id of the client")]
    OtherClient,
    /// A client that had a secret cannot become one without, nor the other way round.
    #[error("token_endpoint_auth_method cannot change from or to \"none\": register anew")]
    ClientTypeIsFixed,
    /// Something else.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A registered client. Its secrets are shown this once.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its id.
    pub id: OAuth2AppId,
    /// What is registered of it.
    pub metadata: ClientMetadata,
    /// When it registered.
    pub issued_at: DateTime<Utc>,
    /// Its client secret; `None` for a public client.
    pub secret: Option<Secret>,
    /// By which it manages its registration.
    pub access_token: Secret,
}

/// Registers a client.
pub async fn register(
    guest: &Guest,
    presented: PresentedMetadata,
) -> Result<Registered, RegistrationFailure> {
    let services = guest.services();
    let settings = oauth2_settings::present(services).await?;
    if !settings.dynamic_client_registration_enabled {
        return Err(RegistrationFailure::Disabled);
    }
    let metadata = presented.of_registration()?;
    let randomness = services.randomness();
    let app = App(randomness.id());
    let author = guest.as_actor(Actor::anonymous());
    let operation = PublicOperation::ClientRegistration;
    let leave = Leave::public(operation, author, Action::Create, &app);
    let now = leave.now();
    let new_secret = || NewPrefixedSecret::generate(short_id(&randomness, now), &randomness);
    let access_token = new_secret();
    let secret = (!metadata.is_public()).then(new_secret);
    let kept = secret.as_ref().map(|secret| AppSecret {
        secret_id: randomness.id_at(now),
        secret_prefix: secret.prefix.clone(),
        hashed_secret: secret.hash.clone(),
        display_secret: secret.display.clone(),
        created_at: now,
    });
    let new = NewRegistration {
        metadata: metadata.clone(),
        by: RegisteredBy::Request {
            hashed_access_token: access_token.hash,
        },
        secret: kept,
    };
    leave.record(Command::RegisterOAuth2App(new)).await?;
    Ok(Registered {
        id: app.0,
        metadata,
        issued_at: now,
        secret: secret.map(|secret| secret.text),
        access_token: access_token.text,
    })
}

/// A client that has shown its registration access token, on one request.
#[derive(Clone)]
pub struct ManagedClient {
    guest: Guest,
    client: Client,
    metadata: ClientMetadata,
}

/// Why a client may not manage a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmanaged {
    /// There is no such client, or no longer.
    #[error("Client not found")]
    Unknown,
    /// An administrator made it, or its client id is a document.
    #[error("Client was not dynamically registered")]
    NotRegistered,
    /// The token is another one.
    #[error("Invalid registration access token")]
    WrongToken,
}

/// The client of an id, if `token` is its registration access token.
pub async fn manage(
    guest: Guest,
    id: OAuth2AppId,
    token: &str,
) -> Result<Result<ManagedClient, Unmanaged>, Failure> {
    let view = guest.services().ledger().now().await?;
    let Some(client) = find(&view, id).await? else {
        return Ok(Err(Unmanaged::Unknown));
    };
    let registration = client.thing.registration.as_ref();
    let Some(RegisteredBy::Request {
        hashed_access_token,
    }) = registration.map(|registration| &registration.by)
    else {
        return Ok(Err(Unmanaged::NotRegistered));
    };
    let shown = PrefixedSecret::parse(token).ok();
    if !shown.is_some_and(|shown| shown.hash == *hashed_access_token) {
        return Ok(Err(Unmanaged::WrongToken));
    }
    let metadata = client.thing.metadata().ok_or(Failure::NotFound)?;
    Ok(Ok(ManagedClient {
        guest,
        client,
        metadata,
    }))
}

impl ManagedClient {
    /// The client's id.
    pub fn id(&self) -> OAuth2AppId {
        self.client.id
    }

    /// What is registered of it.
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// When it registered.
    pub fn issued_at(&self) -> DateTime<Utc> {
        self.client.created_at
    }

    /// Replaces what is registered of it (RFC 7592 2.2).
    pub async fn change(self, presented: PresentedMetadata) -> Result<Self, RegistrationFailure> {
        let id = self.client.id.to_string();
        if presented.client_id().is_some_and(|named| named != id) {
            return Err(RegistrationFailure::OtherClient);
        }
        let metadata = presented.of_registration()?;
        let app = App(self.client.id);
        let leave = self.leave(Action::Update, &app);
        let command = Command::ChangeOAuth2AppRegistration(metadata.clone());
        match leave.try_record(command).await? {
            Ok(_) => Ok(Self { metadata, ..self }),
            Err(Error::ClientTypeIsFixed) => Err(RegistrationFailure::ClientTypeIsFixed),
            Err(refused) => Err(Failure::of_refusal(&refused).into()),
        }
    }

    /// Ends its registration, and with it its secrets, codes and tokens (RFC 7592 2.3).
    pub async fn delete(self) -> Result<(), Failure> {
        let app = App(self.client.id);
        let leave = self.leave(Action::Delete, &app);
        leave.record(Command::DeleteOAuth2App).await?;
        Ok(())
    }

    fn leave<'a>(&self, action: Action, app: &'a App) -> Leave<'a, App> {
        let name = self.client.thing.settings.name.as_str();
        let author = self
            .guest
            .as_actor(Actor::oauth2_app(self.client.id, name, None));
        Leave::public(PublicOperation::ClientRegistration, author, action, app)
    }
}
