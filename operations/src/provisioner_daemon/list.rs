//! Who is there, and who was.

use std::collections::{BTreeMap, HashMap};

use chancery_aggregates::provisioner_daemon::ProvisionerDaemonId;
use chancery_aggregates::provisioner_key::ProvisionerKeyId;
use chrono::{DateTime, TimeDelta, Utc};

use super::ProvisionerDaemon;
use crate::Caller;
use crate::failure::Failure;
use crate::organization::Organization;
use crate::policy::{OrganizationPart, Resource};
use crate::provisioner_key::{ProvisionerKey, keys_of};
use chancery_projections::provisioner_daemon::seen;
use chancery_projections::registry::Page;

/// A daemon that was not seen for so long is not there, whatever its session's end.
const STALE: TimeDelta = TimeDelta::seconds(90);

/// Whether a daemon is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not.
    Offline,
    /// It waits for a job.
    Idle,
}

/// A daemon, and whether it is there.
#[derive(Clone, Debug)]
pub struct ShownDaemon {
    /// The daemon.
    pub daemon: ProvisionerDaemon,
    /// The name of the key that it came in by; `None`: by none, or the key is gone.
    pub key_name: Option<String>,
    /// When it was last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether it is there.
    pub status: Status,
}

/// Which daemons are wanted. What is empty or `None` excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct DaemonFilter {
    /// These.
    pub ids: Option<Vec<ProvisionerDaemonId>>,
    /// With all of these tags.
    pub tags: BTreeMap<String, String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// The daemons that are there by one key, or by users' tokens.
#[derive(Clone, Debug)]
pub struct KeyDaemons {
    /// The key; `None`: users' tokens.
    pub key: Option<ProvisionerKey>,
    /// The daemons.
    pub daemons: Vec<ShownDaemon>,
}

/// The daemons of an organization by name.
pub async fn list(
    caller: &Caller,
    organization: &Organization,
    filter: &DaemonFilter,
) -> Result<Vec<ShownDaemon>, Failure> {
    caller.sees(Resource::Organization {
        id: organization.id,
        part: OrganizationPart::ProvisionerJobs,
    })?;
    let view = caller.services().view(None);
    let of_organization = Some(organization.id.uuid());
    let keys: Vec<ProvisionerKey> = view.list(of_organization, Page::default()).await?;
    let mut daemons = all(caller, organization, &keys).await?;
    daemons.retain(|shown| {
        let tags = shown.daemon.thing.session.tags.as_map();
        filter
            .ids
            .as_ref()
            .is_none_or(|ids| ids.contains(&shown.daemon.id))
            && filter
                .tags
                .iter()
                .all(|(name, value)| tags.get(name) == Some(value))
    });
    daemons.truncate(filter.limit.unwrap_or(usize::MAX));
    Ok(daemons)
}

/// The daemons of an organization that are there: those by users' tokens, then those of each key in the order in which keys were made.
pub async fn list_by_key(
    caller: &Caller,
    organization: &Organization,
) -> Result<Vec<KeyDaemons>, Failure> {
    caller.sees(keys_of(organization.id))?;
    let keys = crate::provisioner_key::list(caller, organization, None).await?;
    let mut daemons = all(caller, organization, &keys).await?;
    daemons.retain(|shown| shown.status != Status::Offline);
    let of = |key: Option<ProvisionerKey>| {
        let key_id = key.as_ref().map(|key| key.id);
        let daemons = daemons.iter();
        let daemons = daemons.filter(|shown| shown.daemon.thing.session.key_id == key_id);
        KeyDaemons {
            daemons: daemons.cloned().collect(),
            key,
        }
    };
    let keys = keys.into_iter().map(Some);
    Ok(std::iter::once(None).chain(keys).map(of).collect())
}

async fn all(
    caller: &Caller,
    organization: &Organization,
    keys: &[ProvisionerKey],
) -> Result<Vec<ShownDaemon>, Failure> {
    let services = caller.services();
    let listed = services
        .view(None)
        .list(Some(organization.id.uuid()), Page::default())
        .await;
    let daemons: Vec<ProvisionerDaemon> = listed?;
    let names: HashMap<ProvisionerKeyId, &str> = keys
        .iter()
        .map(|key| (key.id, key.thing.name.as_str()))
        .collect();
    let ids: Vec<ProvisionerDaemonId> = daemons.iter().map(|daemon| daemon.id).collect();
    let seen = seen(services.pool(), &ids).await?;
    let stale = services.clock().now() - STALE;
    let shown = daemons.into_iter().map(|daemon| {
        let last_seen_at = seen.get(&daemon.id).copied();
        let is_here = daemon.thing.is_connected && last_seen_at.is_some_and(|at| at > stale);
        let key_id = daemon.thing.session.key_id;
        ShownDaemon {
            key_name: key_id.and_then(|id| names.get(&id).map(|&name| name.to_owned())),
            last_seen_at,
            status: if is_here {
                Status::Idle
            } else {
                Status::Offline
            },
            daemon,
        }
    });
    Ok(shown.collect())
}
