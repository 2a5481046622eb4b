//! A daemon's session, from its beginning to its end.

use std::time::Duration;

use chancery_aggregates::organization::Organization;
use chancery_aggregates::provisioner_daemon::{
    self, Command, ProvisionerDaemon, ProvisionerDaemonId, SessionId, name_key,
};
use chancery_aggregates::provisioner_key::{ProvisionerKey, ProvisionerKeyId};
use chancery_aggregates::{Id, Noun};
use chancery_ledger::{LookError, Present};

use super::OneDaemon;
use super::admit::{Admitted, Entrant};
use super::presence::Here;
use crate::Actor;
use crate::author::Author;
use crate::failure::Failure;
use crate::leave::{ATTEMPTS, Leave};
use crate::policy::{Action, PublicOperation};

/// Least time between two looks at what a session rests on.
const PAUSE: Duration = Duration::from_millis(100);
/// Time until the next look when nothing could be seen.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(1);

/// A daemon that is there.
pub struct Session {
    admitted: Admitted,
    daemon: OneDaemon,
    id: SessionId,
    _here: Here,
}

impl Admitted {
    /// The daemon is there: records so. An earlier session of its name is over with it.
    pub async fn connect(self) -> Result<Session, Failure> {
        let services = self.guest.services().clone();
        let session_id = services.randomness().id();
        let mut attempt = 1;
        let daemon = loop {
            match self.record(session_id).await {
                // Another one came first under the name.
                Err(Failure::KeyTaken(_)) if attempt < ATTEMPTS => attempt += 1,
                recorded => break recorded?,
            }
        };
        let (pool, now) = (services.pool(), services.clock().now());
        let here = services.presence().enter(pool, daemon.id, now).await?;
        Ok(Session {
            admitted: self,
            daemon,
            id: session_id,
            _here: here,
        })
    }

    async fn record(&self, session_id: SessionId) -> Result<OneDaemon, Failure> {
        let services = self.guest.services();
        let now = services.ledger().now().await?;
        let holder = now
            .holder(&name_key(self.organization_id, &self.name))
            .await?;
        let id = match holder {
            Some(stream) => stream.aggregate_id.parse(),
            None => Ok(services.randomness().id()),
        };
        let daemon = OneDaemon {
            id: id.map_err(|error| Failure::internal(&error))?,
            organization_id: self.organization_id,
            is_of_a_user: self.tags.are_of_a_user(),
        };
        let command = Command::ConnectProvisionerDaemon {
            organization_id: self.organization_id,
            name: self.name.clone(),
            session: provisioner_daemon::Session {
                session_id,
                key_id: self.key_id(),
                version: self.version.clone(),
                api_version: self.api_version.clone(),
                provisioners: self.provisioners.clone(),
                tags: self.tags.clone(),
            },
        };
        let leave = match &self.entrant {
            Entrant::User(caller) => caller.may(Action::Create, &daemon)?,
            Entrant::Key(_) => self.leave(Action::Create, &daemon),
        };
        let (command, organization_id) = (&command, self.organization_id.to_string());
        let organization_id = &*organization_id;
        leave
            .unit(|mut unit| async move {
                match &self.entrant {
                    Entrant::User(caller) => {
                        caller.stays(&mut unit).await?;
                    }
                    Entrant::Key(key) => {
                        unit.live::<ProvisionerKey>(&key.id.to_string()).await?;
                        unit.live::<Organization>(organization_id).await?;
                    }
                }
                unit.record(command.clone()).await?;
                unit.done(())
            })
            .await?;
        Ok(daemon)
    }

    fn key_id(&self) -> Option<ProvisionerKeyId> {
        match &self.entrant {
            Entrant::Key(key) => Some(key.id),
            Entrant::User(_) => None,
        }
    }

    /// Leave in the name of what the daemon came in by.
    fn leave<'a>(&self, action: Action, daemon: &'a OneDaemon) -> Leave<'a, OneDaemon> {
        let actor = match &self.entrant {
            Entrant::Key(key) => Actor::provisioner_key(key.id, key.thing.name.as_str()),
            Entrant::User(caller) => Actor::user(caller.user_id(), &*self.name),
        };
        let author: Author = self.guest.as_actor(actor);
        Leave::public(PublicOperation::ProvisionerDaemon, author, action, daemon)
    }
}

impl Session {
    /// The daemon's id.
    pub fn daemon_id(&self) -> ProvisionerDaemonId {
        self.daemon.id
    }

    /// Waits until the session may not go on, whichever server ended what it rests on; why.
    pub async fn over(&self) -> &'static str {
        let ledger = self.admitted.guest.services().ledger();
        let mut head = ledger.subscribe();
        loop {
            // What happened before the subscription is not told, and of what is told this process may not know more yet.
            let ended = match ledger.now().await {
                Ok(now) => self.ended(&now).await,
                Err(error) => Err(error.into()),
            };
            match ended {
                Ok(Some(reason)) => return reason,
                Ok(None) => {
                    tokio::time::sleep(PAUSE).await;
                    if head.changed().await.is_err() {
                        return "the server stops";
                    }
                }
                Err(failure) => {
                    tracing::debug!(%failure, "what a daemon's session rests on is not known");
                    tokio::time::sleep(UNKNOWN_PAUSE).await;
                }
            }
        }
    }

    async fn ended(&self, look: &Present) -> Result<Option<&'static str>, Failure> {
        if is_gone(look, self.daemon.organization_id).await? {
            return Ok(Some("organization deleted"));
        }
        match &self.admitted.entrant {
            Entrant::Key(key) => {
                if is_gone(look, key.id).await? {
                    return Ok(Some("provisioner key deleted"));
                }
            }
            Entrant::User(caller) => {
                if caller.present(look).await?.is_err() {
                    return Ok(Some("the user's token is no longer valid"));
                }
            }
        }
        let daemon_id = self.daemon.id.to_string();
        let daemon = look.state::<ProvisionerDaemon>(&daemon_id).await?;
        let daemon = daemon.state.life.live();
        let is_present = daemon.is_some_and(|daemon| daemon.session.session_id == self.id);
        Ok((!is_present).then_some("another daemon of this name connected"))
    }

    /// The session is over: records so.
    pub async fn end(self) -> Result<(), Failure> {
        let session_id = self.id;
        let command = Command::DisconnectProvisionerDaemon { session_id };
        let leave = self.admitted.leave(Action::Update, &self.daemon);
        leave.record_unseen(command).await?;
        Ok(())
    }
}

async fn is_gone<N: Noun>(look: &Present, id: Id<N>) -> Result<bool, LookError> {
    let seen = look.state::<N>(&id.to_string()).await?;
    Ok(seen.state.life.live().is_none())
}
