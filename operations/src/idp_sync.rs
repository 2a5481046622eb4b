//! Settings of the synchronisation with an identity provider (docs/contract/idpsync.md 2 and 3).

use std::marker::PhantomData;

use chancery_aggregates::idp_sync::{Change, Command, Error};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::{Noun, organization_sync};
use chancery_ledger::Position;

pub use chancery_aggregates::group_sync::GroupSync;
pub use chancery_aggregates::idp_sync::Settings;
pub use chancery_aggregates::organization_sync::OrganizationSync;
pub use chancery_aggregates::role_sync::RoleSync;

use crate::failure::Failure;
use crate::leave::Thing;
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, Resource};
use crate::{Caller, Services};

/// What is in force while no settings were ever recorded, as an operator decides.
#[derive(Clone, Debug, Default)]
pub struct InitialSync {
    /// Of organizations.
    pub organizations: OrganizationSync,
    /// Of the default organization's groups.
    pub groups: GroupSync,
}

/// The settings of one kind that a deployment or an organization has.
#[derive(Clone, Copy, Debug)]
pub struct SettingsOf<S> {
    /// `None`: they are the deployment's.
    organization_id: Option<OrganizationId>,
    is_default: bool,
    kind: PhantomData<S>,
}

impl SettingsOf<OrganizationSync> {
    /// By which users belong to organizations.
    pub const ORGANIZATIONS: Self = Self {
        organization_id: None,
        is_default: false,
        kind: PhantomData,
    };
}

impl SettingsOf<GroupSync> {
    /// By which members of an organization belong to its groups.
    pub fn groups(organization: &Organization) -> Self {
        Self::organization(organization)
    }
}

impl SettingsOf<RoleSync> {
    /// By which members of an organization have roles in it.
    pub fn roles(organization: &Organization) -> Self {
        Self::organization(organization)
    }
}

impl<S> SettingsOf<S> {
    fn organization(organization: &Organization) -> Self {
        Self {
            organization_id: Some(organization.id),
            is_default: organization.thing.is_default,
            kind: PhantomData,
        }
    }
}

/// Who may see and change settings: the same people.
pub fn resource(organization: Option<&Organization>) -> Resource {
    resource_of(organization.map(|organization| organization.id))
}

fn resource_of(organization_id: Option<OrganizationId>) -> Resource {
    let part = OrganizationPart::IdpSync;
    organization_id.map_or(Resource::IdpSync, |id| Resource::Organization { id, part })
}

/// Settings that are recorded by themselves.
pub trait Recorded: Settings + Noun<Command = Command<Self>, Error = Error> {
    /// What is in force while none were ever recorded.
    fn initial(of: &SettingsOf<Self>, initial: &InitialSync) -> Self;
}

impl Recorded for OrganizationSync {
    fn initial(_of: &SettingsOf<Self>, initial: &InitialSync) -> Self {
        initial.organizations.clone()
    }
}

impl Recorded for GroupSync {
    fn initial(of: &SettingsOf<Self>, initial: &InitialSync) -> Self {
        if of.is_default {
            initial.groups.clone()
        } else {
            Self::default()
        }
    }
}

impl Recorded for RoleSync {
    fn initial(_of: &SettingsOf<Self>, _initial: &InitialSync) -> Self {
        Self::default()
    }
}

impl<S: Recorded> Thing for SettingsOf<S> {
    type Noun = S;

    fn resource(&self) -> Resource {
        resource_of(self.organization_id)
    }

    fn stream_id(&self) -> String {
        let id = self.organization_id;
        id.map_or_else(
            || organization_sync::STREAM_ID.to_owned(),
            |id| id.to_string(),
        )
    }

    fn action_of(_command: &Command<S>) -> Option<Action> {
        Some(Action::Update)
    }
}

/// By which claims users belong to organizations, now.
pub(crate) async fn organizations(services: &Services) -> Result<OrganizationSync, Failure> {
    let ledger = services.ledger();
    let recorded = ledger.load::<OrganizationSync>(organization_sync::STREAM_ID);
    let initial = || services.settings().idp_sync.organizations.clone();
    Ok(recorded.await?.0.into_live().unwrap_or_else(initial))
}

/// Settings as they are, or were at a position. An operator's are those of now.
pub async fn get<S: Recorded>(
    caller: &Caller,
    of: &SettingsOf<S>,
    as_of: Option<Position>,
) -> Result<S, Failure> {
    caller.sees(of.resource())?;
    let services = caller.services();
    let recorded = services
        .view(as_of)
        .get::<S, String>(of.stream_id())
        .await?;
    let initial = || S::initial(of, &services.settings().idp_sync);
    Ok(recorded.map_or_else(initial, |shown| shown.thing))
}

/// Changes settings. What they name (groups, organizations, roles) need not exist.
pub async fn change<S: Recorded>(
    caller: &Caller,
    of: &SettingsOf<S>,
    change: Change<S>,
) -> Result<S, Failure> {
    let leave = caller.may(Action::Update, of)?;
    let initial = S::initial(of, &caller.services().settings().idp_sync);
    let recorded = leave.record(Command { change, initial }).await?;
    recorded.state.into_live().ok_or(Failure::NotFound)
}
