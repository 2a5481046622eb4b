//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use chancery_aggregates::api_key::Origin;
use chancery_aggregates::user::{Command, Status, User};
use chancery_projections::ProjectionName;
use chancery_projections::credential::Credential;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::authenticate::Unauthenticated;
use crate::author::Author;
use crate::failure::Failure;
use crate::leave::{Leave, Thing};
use crate::policy::{self, Action, Resource, Subject};
use crate::unit::Unit;
use crate::{Actor, RequestFacts, Services};

/// Someone who has shown a valid token, on one request.
#[derive(Clone)]
pub struct Caller {
    author: Author,
    credential: Arc<Credential>,
    subject: Subject,
}

impl Caller {
    /// The holder of `credential`, which has been found good.
    pub(crate) fn new(
        services: &Services,
        facts: Arc<RequestFacts>,
        credential: Arc<Credential>,
    ) -> Self {
        let user = &credential.user;
        let author = Author {
            services: services.clone(),
            actor: Actor::user(user.id, &*user.username),
            facts: Some(facts),
        };
        Self {
            author,
            subject: Subject::of(&credential),
            credential,
        }
    }

    /// The caller's user id.
    pub fn user_id(&self) -> Uuid {
        self.subject.user_id
    }

    /// The token and its user.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The one who asks, for the policy.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.author.services
    }

    /// Where the request came from.
    pub(crate) fn client_address(&self) -> IpAddr {
        let facts = self.author.facts.as_ref();
        facts.map_or(IpAddr::from([0, 0, 0, 0]), |facts| facts.client_address)
    }

    /// Whether the caller may read `resource`. To be asked before it is shown.
    pub fn sees(&self, resource: Resource) -> Result<(), Failure> {
        self.is_allowed(Action::Read, resource)
    }

    /// Leave to do `action` to `thing`, for what can be recorded of it.
    pub(crate) fn may<'a, T: Thing>(
        &self,
        action: Action,
        thing: &'a T,
    ) -> Result<Leave<'a, T>, Failure> {
        self.is_allowed(action, thing.resource())?;
        Ok(Leave::given(self.author.clone(), action, thing))
    }

    /// What [`may`](Self::may) asks, for an operation that must know before it has found the thing itself.
    pub(crate) fn is_allowed(&self, action: Action, resource: Resource) -> Result<(), Failure> {
        Ok(policy::decide(&self.subject, action, resource).map(|_| ())?)
    }

    /// Looks once more whether the token is good, after everything that this process knows to have happened. For what outlives
    /// the request: a key made with a session must not be recorded after what ended the session.
    pub async fn confirm(&self) -> Result<(), Failure> {
        let services = self.services();
        let head = services.head();
        let models = services.read_models();
        models.wait_for(ProjectionName::USER, head).await?;
        match services
            .readers()
            .credential(&self.credential.key_id)
            .await?
        {
            Some(present) if present.user.status == Status::Active.as_str() => Ok(()),
            Some(_) => Err(Unauthenticated::Suspended.into()),
            None => Err(Unauthenticated::Ended.into()),
        }
    }

    /// Refuses an app that acts for a user: a credential that it were given would survive the end of its grant.
    pub(crate) fn hands_out_credentials(&self) -> Result<(), Failure> {
        match self.credential.oauth2 {
            None => Ok(()),
            Some(_) => Err(Failure::NOT_ALLOWED),
        }
    }

    /// When a credential that the caller makes ends at the latest: not after the caller's own. None for a session, with which the
    /// user itself decides.
    pub(crate) fn latest_end(&self) -> Option<DateTime<Utc>> {
        let is_session = self.credential.origin == Origin::Login.as_str();
        (!is_session).then_some(self.credential.expires_at)
    }

    /// Lets a unit be recorded only if nothing has ended the caller's token: for what outlives it.
    ///
    /// The stream of the caller is part of the append, and the token is looked at once more when that stream has been: a change of
    /// the password, say, is either seen then, or makes the append fail as a conflict.
    pub(crate) async fn stays<T: Thing>(&self, unit: &mut Unit<'_, T>) -> Result<(), Failure> {
        let id = self.user_id().to_string();
        let woken = unit.try_also::<User>(&id, Command::WakeUser).await?;
        woken.map_err(|_| Unauthenticated::Ended)?;
        self.confirm().await
    }

    /// Lets a unit be recorded only if the caller still has the site roles with which leave was asked for. The stream of the caller
    /// is part of the append: of two who take each other's roles at the same moment, one fails as a conflict and finds it has none.
    pub(crate) async fn keeps_roles<T: Thing>(
        &self,
        unit: &mut Unit<'_, T>,
    ) -> Result<(), Failure> {
        let id = self.user_id().to_string();
        let user = unit.try_also::<User>(&id, Command::RequireUser).await?;
        let user = user.map_err(|_| Unauthenticated::Ended)?;
        let present = user.into_live().map(|user| user.roles).unwrap_or_default();
        let mut roles = self.subject.roles.iter();
        if roles.all(|role| present.iter().any(|name| name == role.name())) {
            Ok(())
        } else {
            Err(Failure::NOT_ALLOWED)
        }
    }
}

/// Someone who has not said who he is, or says it with what the operation is given.
#[derive(Clone)]
pub struct Guest {
    services: Services,
    facts: Arc<RequestFacts>,
}

impl Guest {
    /// The sender of a request.
    pub fn new(services: Services, facts: RequestFacts) -> Self {
        Self {
            services,
            facts: Arc::new(facts),
        }
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Where the request came from and what it is.
    pub fn facts(&self) -> &Arc<RequestFacts> {
        &self.facts
    }

    pub(crate) fn as_actor(&self, actor: Actor) -> Author {
        Author {
            services: self.services.clone(),
            actor,
            facts: Some(Arc::clone(&self.facts)),
        }
    }
}
