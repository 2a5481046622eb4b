use chancery_aggregates::license::{self, Command, Error};
use chancery_projections::registry::View;

use super::key::verified;
use super::{License, Number};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::{Action, Resource};

/// Adds a licence, whose text one of the configured keys must have signed. A number is given once, even if what had it is removed.
pub async fn create(caller: &Caller, text: &str) -> Result<License, Failure> {
    caller.is_allowed(Action::Create, Resource::License)?;
    let services = caller.services();
    let invalid = |detail: String| Refused::impossible("Invalid license").with_detail(detail);
    let command = Command::CreateLicense {
        jwt: verified(&services.settings().license_keys, text).map_err(invalid)?,
        uuid: services.randomness().uuid(),
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
            Err(error @ Error::OtherDeployments { .. }) => {
                let message = "License cannot be used on this deployment!";
                return Err(Refused::impossible(message)
                    .with_detail(error.to_string())
                    .into());
            }
            Err(error) => return Err(invalid(error.to_string()).into()),
        }
    }
    let created = View::Now(services.pool())
        .get(&license.0.to_string())
        .await?;
    created.ok_or(Failure::NotFound)
}
