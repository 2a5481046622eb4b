//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use chancery_aggregates::api_key::Origin;
use chancery_aggregates::user::{Status, User, UserId};
use chancery_ledger::Present;
use chrono::{DateTime, Utc};

use crate::authenticate::Unauthenticated;
use crate::author::Author;
use crate::credential::Credential;
use crate::failure::Failure;
use crate::leave::{CommandOf, Leave, Thing};
use crate::policy::{self, Action, Resource, Subject};
use crate::standing::Standing;
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
    pub fn user_id(&self) -> UserId {
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

    /// One who records what the request brings about, in another name than the caller's.
    pub(crate) fn as_actor(&self, actor: Actor) -> Author {
        Author {
            actor,
            ..self.author.clone()
        }
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

    /// Leave to do `action` to `thing`, for what can be recorded of it. Where it takes roles it rests on the caller's having them.
    pub(crate) fn may<'a, T: Thing>(
        &self,
        action: Action,
        thing: &'a T,
    ) -> Result<Leave<'a, T>, Failure> {
        let resource = thing.resource();
        self.is_allowed(action, resource)?;
        let leave = Leave::given(self.author.clone(), action, thing);
        if !policy::takes_roles(&self.subject, action, resource) {
            return Ok(leave);
        }
        Ok(leave.while_standing(Standing::of(&self.credential, resource)))
    }

    /// Leave to do what a command does to `thing`, and its record.
    pub(crate) async fn record<T: Thing>(
        &self,
        thing: &T,
        command: CommandOf<T>,
    ) -> Result<(), Failure> {
        let action = T::action_of(&command).ok_or_else(|| {
            Failure::Internal("there is no leave for a command of another thing".to_owned())
        })?;
        self.may(action, thing)?.record(command).await?;
        Ok(())
    }

    /// What [`may`](Self::may) asks, for an operation that must know before it has found the thing itself.
    pub(crate) fn is_allowed(&self, action: Action, resource: Resource) -> Result<(), Failure> {
        Ok(policy::decide(&self.subject, action, resource).map(|_| ())?)
    }

    /// The caller's credential as the log has it, if nothing has ended it.
    pub(crate) async fn present(
        &self,
        view: &Present,
    ) -> Result<Result<Credential, Unauthenticated>, Failure> {
        let found = Credential::find(view, &self.credential.key_id).await?;
        let same = |found: &Credential| found.hashed_secret == self.credential.hashed_secret;
        let Some(found) = found.filter(same) else {
            return Ok(Err(Unauthenticated::Ended));
        };
        Ok(match found.account() {
            Some(user) if user.status == Status::Suspended => Err(Unauthenticated::Suspended),
            Some(_) => Ok(found),
            None => Err(Unauthenticated::Ended),
        })
    }

    /// Looks once more whether the token is good, now. For what outlives the request.
    pub async fn confirm(&self) -> Result<(), Failure> {
        let now = self.services().ledger().now().await?;
        self.present(&now).await??;
        Ok(())
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
        let is_session = self.credential.origin == Some(Origin::Login);
        (!is_session).then_some(self.credential.expires_at)
    }

    /// Lets a unit be recorded only if nothing has ended the caller's token: for what outlives it. Returns the caller's account.
    ///
    /// The streams of the token and of its user are part of the append: what has ended the token, a change of the password, say, is
    /// either seen here, or makes the append fail as a conflict. That the token has ended is so now.
    pub(crate) async fn stays<T: Thing>(&self, unit: &mut Unit<'_, T>) -> Result<User, Failure> {
        let ledger = self.services().ledger();
        let present = match self.present(&ledger.so_far()).await? {
            Ok(present) => present,
            Err(_) => self.present(&ledger.now().await?).await??,
        };
        present.rest_on(unit)?;
        let user = present.account().cloned();
        user.ok_or_else(|| Unauthenticated::Ended.into())
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
