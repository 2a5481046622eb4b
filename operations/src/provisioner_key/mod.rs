//! Keys of provisioner daemons (`docs/contract/provisioners.md` 3).

mod daemon;

use std::collections::BTreeMap;

use chancery_aggregates::RefusalClass;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::provisioner_daemon::Command::DeleteProvisionerDaemon;
use chancery_aggregates::provisioner_daemon::{ProvisionerDaemon, ProvisionerDaemonId};
use chancery_aggregates::provisioner_key::{
    self, Command, InvalidName, KeyName, ProvisionerKeyId, name_key,
};
use chancery_aggregates::provisioner_tags::ProvisionerTags;
use chancery_ledger::Position;
use chancery_projections::registry::{Page, Shown};

pub use daemon::{Presented, of_daemon};

use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, Resource};
use crate::secret::Secret;

/// Characters of a key's text.
const LENGTH: usize = 43;

/// A key with its id, and when it was made.
pub type ProvisionerKey = Shown<provisioner_key::ProvisionerKey, ProvisionerKeyId>;

/// A key, as leave to make or delete it names it.
struct OneKey {
    id: ProvisionerKeyId,
    organization_id: OrganizationId,
}

impl Thing for OneKey {
    type Noun = provisioner_key::ProvisionerKey;

    fn resource(&self) -> Resource {
        keys_of(self.organization_id)
    }

    fn stream_id(&self) -> String {
        self.id.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::CreateProvisionerKey(_) => Action::Create,
            Command::DeleteProvisionerKey => Action::Delete,
        })
    }
}

pub(crate) fn keys_of(organization_id: OrganizationId) -> Resource {
    Resource::Organization {
        id: organization_id,
        part: OrganizationPart::ProvisionerKeys,
    }
}

/// The keys of an organization in the order in which they were made, as they are or were at a position.
pub async fn list(
    caller: &Caller,
    organization: &Organization,
    as_of: Option<Position>,
) -> Result<Vec<ProvisionerKey>, Failure> {
    caller.sees(keys_of(organization.id))?;
    let view = caller.services().view(as_of);
    let listed = view
        .list(Some(organization.id.uuid()), Page::default())
        .await;
    let mut keys: Vec<ProvisionerKey> = listed?;
    keys.sort_by_key(|key| key.created_at);
    Ok(keys)
}

/// The key to be made.
#[derive(Clone, Debug, Default)]
pub struct NewProvisionerKey {
    /// Its name, unique in the organization in whatever case.
    pub name: String,
    /// The tags of the daemons that use it.
    pub tags: BTreeMap<String, String>,
}

/// Makes a key in an organization; its text, which is shown this once. An app cannot make one.
pub async fn create(
    caller: &Caller,
    organization: &Organization,
    new: NewProvisionerKey,
) -> Result<Secret, Failure> {
    let randomness = caller.services().randomness();
    let key = OneKey {
        id: randomness.id(),
        organization_id: organization.id,
    };
    let leave = caller.may(Action::Create, &key)?;
    caller.hands_out_credentials()?;
    let invalid = |error: InvalidName| Refused::invalid("name", error.to_string());
    let name = KeyName::parse(&new.name).map_err(invalid)?;
    let tags = ProvisionerTags::parse(new.tags).map_err(|error| Refused::tags(&error))?;
    let text = randomness.alphanumeric(LENGTH);
    let command = Command::CreateProvisionerKey(provisioner_key::ProvisionerKey {
        organization_id: organization.id,
        name,
        tags,
        hashed_secret: HashedSecret::of(&text),
    });
    let taken = |_: &str| {
        let name = &new.name;
        let message = format!("Provisioner key with name '{name}' already exists in organization");
        Refused::new(RefusalClass::Taken, message)
    };
    let recorded = leave.record(command).await;
    recorded.map_err(|failure| failure.or_taken(taken))?;
    Ok(text.into())
}

/// Deletes a key for good, and the daemons that came in by it; its name may be in any case.
pub async fn delete(
    caller: &Caller,
    organization: &Organization,
    name: &str,
) -> Result<(), Failure> {
    caller.is_allowed(Action::Delete, keys_of(organization.id))?;
    let name = KeyName::spelled(name);
    if name.is_reserved() {
        let name = name.as_str();
        let message = format!("Cannot delete reserved '{name}' provisioner key");
        return Err(Refused::impossible(message).into());
    }
    let now = caller.services().ledger().now().await?;
    let holder = now.holder(&name_key(organization.id, &name)).await?;
    let id = holder.ok_or(Failure::NotFound)?.aggregate_id.parse();
    let key = OneKey {
        id: id.map_err(|error| Failure::internal(&error))?,
        organization_id: organization.id,
    };
    let key_id = key.id;
    let view = caller.services().view(None);
    let daemons = view
        .list(Some(organization.id.uuid()), Page::default())
        .await?;
    let mut daemons: Vec<Shown<ProvisionerDaemon, ProvisionerDaemonId>> = daemons;
    daemons.retain(|daemon| daemon.thing.session.key_id == Some(key_id));
    let leave = caller.may(Action::Delete, &key)?;
    let daemons = &daemons;
    leave
        .unit(|mut unit| async move {
            unit.record(Command::DeleteProvisionerKey).await?;
            for daemon in daemons {
                let delete = DeleteProvisionerDaemon { key_id };
                unit.also::<ProvisionerDaemon>(&daemon.id.to_string(), delete)
                    .await?;
            }
            unit.done(())
        })
        .await
}
