//! Licences. Stream id: the licence's number, from 1 on.

mod jwt;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strum::{IntoStaticStr, VariantNames};

pub use jwt::LicenseJwt;

use crate::audit::Kind::{Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};
use crate::deployment::DeploymentId;
use crate::{Id, Life, Noun, Refusal, RefusalClass, UniqueKey};

/// What a licence is known by elsewhere. Here it has a number.
pub type LicenseUuid = Id<License>;

/// A licence may end at most so long after it is added.
const LONGEST: TimeDelta = TimeDelta::days(5 * 365);

/// What is told of a fault that has no words of its own.
pub const FAULTY: &str = "license has multiple issues; contact support";

/// A licence that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Its `jti` where that is a UUID, else one made for it.
    pub uuid: LicenseUuid,
    /// Its text.
    pub jwt: LicenseJwt,
}

/// What can be asked of a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Adds it. Its signature was verified before.
    CreateLicense {
        /// Its text.
        jwt: LicenseJwt,
        /// Its id where its `jti` is none.
        uuid: LicenseUuid,
        /// The deployment that it is added to.
        deployment_id: DeploymentId,
        /// The time of the request.
        now: DateTime<Utc>,
    },
    /// Removes it for good.
    DeleteLicense,
}

/// What happened to a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was added.
    LicenseCreated(License),
    /// It was removed for good.
    LicenseDeleted {
        /// Its id, which is free again.
        uuid: LicenseUuid,
    },
}

/// Why a command to a licence is refused. The texts are the contract's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A licence of this number exists, or existed.
    #[error("the license exists already")]
    AlreadyExists,
    /// There is no such licence, or no longer.
    #[error("Unknown license ID")]
    NotFound,
    /// A claim is missing, or it says what no licence says.
    #[error("{0}")]
    Invalid(String),
    /// It is for other deployments.
    #[error(
        "The provided license is locked to the following deployments: {deployment_ids:?}. Your deployment identifier is \
         \"{deployment_id}\". Please contact sales."
    )]
    OtherDeployments {
        /// Those.
        deployment_ids: Vec<String>,
        /// This one.
        deployment_id: DeploymentId,
    },
}

impl Refusal for Error {
    fn class(&self) -> RefusalClass {
        match self {
            Self::AlreadyExists => RefusalClass::Taken,
            Self::NotFound => RefusalClass::NotFound,
            _ => RefusalClass::Impossible,
        }
    }
}

impl Noun for License {
    const TYPE: &'static str = "license";
    const STATE_VERSION: u32 = 1;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::CreateLicense {
                jwt,
                uuid,
                deployment_id,
                now,
            } => {
                state.must_be_new(Error::AlreadyExists)?;
                let claims = jwt.claims();
                check(&claims, deployment_id, now)?;
                let jti = claims["jti"].as_str().and_then(|jti| jti.parse().ok());
                let uuid = jti.unwrap_or(uuid);
                Ok(vec![Event::LicenseCreated(Self { uuid, jwt })])
            }
            Command::DeleteLicense => {
                let uuid = state.live().ok_or(Error::NotFound)?.uuid;
                Ok(vec![Event::LicenseDeleted { uuid }])
            }
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        *state = match event {
            Event::LicenseCreated(license) => Life::Live(license),
            Event::LicenseDeleted { .. } => Life::Deleted,
        };
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        let key = |uuid: &LicenseUuid| format!("license:{uuid}");
        match event {
            Event::LicenseCreated(license) => vec![UniqueKey::Take(key(&license.uuid))],
            Event::LicenseDeleted { uuid } => vec![UniqueKey::Free(key(uuid))],
        }
    }
}

static LICENSE: Resource = Resource::new(
    "license",
    &[Action::Create, Action::Delete],
    &[
        field("uuid", Text),
        field("exp", Time),
        field("uploaded_at", Time),
    ],
);

impl Audited for License {
    const RESOURCES: &'static [&'static Resource] = &[&LICENSE];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (uuid, action, title) = match event {
            Event::LicenseCreated(license) => (license.uuid, Action::Create, Title::set(id, "")),
            Event::LicenseDeleted { uuid } => (*uuid, Action::Delete, Title::Kept),
        };
        Ok(Some(Entry::new(&LICENSE, uuid, action, title)))
    }

    fn view(&self, _id: &str, _resource: &Resource) -> Option<Value> {
        Some(json!({ "uuid": self.uuid, "exp": self.jwt.expires_at() }))
    }
}

/// What a licence has to say. One that is not valid yet is taken: it counts when it is.
fn check(claims: &Value, deployment_id: DeploymentId, now: DateTime<Utc>) -> Result<(), Error> {
    let time = |name: &str| jwt::time(&claims[name]);
    let is_time = |name: &str| time(name).is_some();
    let is_text = |name: &str| claims[name].as_str().is_some_and(|text| !text.is_empty());
    let ends = time("license_expires").is_some_and(|end| end <= now + LONGEST);
    let must = |what: &str| format!("license must {what}");
    let claim = |name: &str| format!("license has invalid or missing {name} claim");
    let rules = [
        (claims["version"] == 3, must("be version 3")),
        (is_time("iat"), claim("iat (issued at)")),
        (is_time("nbf"), claim("nbf (not before)")),
        (ends, claim("license_expires")),
        (is_time("exp"), claim("exp (expires at)")),
        (is_text("account_type"), must("contain valid account type")),
        (is_text("account_id"), must("contain valid account ID")),
        (time("exp") > Some(now), FAULTY.to_owned()),
    ];
    if let Some((_, text)) = rules.into_iter().find(|(holds, _)| !holds) {
        return Err(Error::Invalid(text));
    }
    let deployment_ids = Option::<Vec<String>>::deserialize(&claims["deployment_ids"])
        .map_err(|_| Error::Invalid(FAULTY.to_owned()))?
        .unwrap_or_default();
    let own = deployment_id.to_string();
    if deployment_ids.is_empty() || deployment_ids.contains(&own) {
        return Ok(());
    }
    Err(Error::OtherDeployments {
        deployment_ids,
        deployment_id,
    })
}
