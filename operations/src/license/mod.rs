//! Licences (contract licences 3).

mod create;
mod key;

use chancery_aggregates::license::{self, Command};
use chancery_ledger::Position;
use chancery_projections::registry::{Page, Shown, View};

pub use create::create;
pub use key::{LicenseKey, NoLicenseKey};

use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// A licence with its number, and when it was added.
pub type License = Shown<license::License>;

/// A licence, as leave to add or remove it names it: by its number.
struct Number(i64);

impl Thing for Number {
    type Noun = license::License;

    fn resource(&self) -> Resource {
        Resource::License
    }

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
    if caller.sees(Resource::License).is_err() {
        return Ok(Vec::new());
    }
    let (services, reader) = (caller.services(), caller.services().reader());
    let now = View::Now(services.pool());
    let view = as_of.map_or(now, |until| View::Then(&reader, until));
    Ok(view.list(None, Page::default()).await?)
}

/// Removes a licence for good.
pub async fn delete(caller: &Caller, number: i64) -> Result<(), Failure> {
    let license = Number(number);
    let leave = caller.may(Action::Delete, &license)?;
    let deleted = leave.try_record(Command::DeleteLicense).await?;
    deleted.map_err(|unknown| Refused::not_found(unknown.to_string()))?;
    Ok(())
}
