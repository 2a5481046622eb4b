//! Licences (`docs/contract/proxies_replicas_licenses_appearance.md` 3).

mod key;

use chancery_aggregates::license::{self, Command, Error};
use chancery_ledger::Position;
use chancery_projections::registry::{Page, Shown};

pub use key::LicenseKey;

use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// A licence with its number, and when it was added.
pub type License = Shown<license::License, i64>;

/// Licences, for the policy.
const ALL: Resource = Resource::of_owners::<license::License>();

/// A licence, as leave to add or remove it names it: by its number.
struct Number(i64);

impl Thing for Number {
    type Noun = license::License;

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::CreateLicense { .. } => Action::Create,
            Command::DeleteLicense => Action::Delete,
        })
    }
}

/// All licences in the order in which they were added, as they are or were at a position; none for who may not see them.
pub async fn list(caller: &Caller, as_of: Option<Position>) -> Result<Vec<License>, Failure> {
    if caller.sees(ALL).is_err() {
        return Ok(Vec::new());
    }
    let view = caller.services().view(as_of);
    Ok(view.list(None, Page::default()).await?)
}

/// Adds a licence, whose text one of the configured keys must have signed. A number is given once, even if what had it is removed.
pub async fn create(caller: &Caller, text: &str) -> Result<License, Failure> {
    caller.is_allowed(Action::Create, ALL)?;
    let services = caller.services();
    let invalid = |detail: String| Refused::impossible("Invalid license").with_detail(detail);
    let command = Command::CreateLicense {
        jwt: key::verified(&services.settings().license_keys, text).map_err(invalid)?,
        uuid: services.randomness().id(),
        deployment_id: services.deployment().deployment_id,
        now: services.clock().now(),
    };
    let (reader, head) = (services.reader(), services.head());
    let given = reader.fold_all::<license::License>(head).await?.len();
    let mut license = Number(i64::try_from(given).unwrap_or_default());
    loop {
        // Another process may have given the next one.
        license.0 += 1;
        let leave = caller.may(Action::Create, &license)?;
        let recorded = leave.try_record(command.clone()).await;
        let known = |_: &str| invalid("the license was added already".to_owned());
        match recorded.map_err(|failure| failure.or_taken(known))? {
            Ok(_) => break,
            Err(Error::AlreadyExists) => {}
            Err(error) => {
                let mut refused = invalid(error.to_string());
                if let Error::OtherDeployments { .. } = error {
                    refused.message = "License cannot be used on this deployment!".into();
                }
                return Err(refused.into());
            }
        }
    }
    services.shown(license.0, None).await
}

/// Removes a licence for good.
pub async fn delete(caller: &Caller, number: i64) -> Result<(), Failure> {
    let license = Number(number);
    let leave = caller.may(Action::Delete, &license)?;
    let deleted = leave.try_record(Command::DeleteLicense).await?;
    deleted.map_err(|unknown| Refused::not_found(unknown.to_string()))?;
    Ok(())
}
