//! Who may come in as a daemon, and with which tags.

use std::collections::{BTreeMap, BTreeSet};

use chancery_aggregates::organization::Organization as OrganizationState;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::provisioner_daemon::ProvisionerType;
use chancery_aggregates::provisioner_tags::ProvisionerTags;

use super::daemons_of;
use crate::failure::{Failure, Refused};
use crate::organization;
use crate::policy::Action;
use crate::provisioner_key::{Presented, ProvisionerKey, of_daemon};
use crate::reference::whole_id;
use crate::{Caller, Guest};

const MAX_NAME: usize = 64;

/// What a daemon says of itself, as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The organization that it comes to: id, name, or `default`.
    pub organization: String,
    /// Its name; may be empty.
    pub name: String,
    /// The program's version; may be empty.
    pub version: String,
    /// The version of the daemon API that it speaks.
    pub api_version: String,
    /// What it can run.
    pub provisioners: Vec<String>,
    /// Its tags, `name=value`.
    pub tags: Vec<String>,
}

/// One who may come in. Nothing is recorded yet.
pub struct Admitted {
    pub(super) guest: Guest,
    pub(super) entrant: Entrant,
    pub(super) organization_id: OrganizationId,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) api_version: String,
    pub(super) provisioners: BTreeSet<ProvisionerType>,
    pub(super) tags: ProvisionerTags,
}

/// By what a daemon comes in.
pub(super) enum Entrant {
    Key(Box<ProvisionerKey>),
    User(Box<Caller>),
}

/// Checks one who wants to come in as a daemon: by a key, or by a user's token.
pub async fn admit(
    guest: Guest,
    caller: Option<Caller>,
    presented: &Presented,
    asked: Asked,
) -> Result<Admitted, Failure> {
    let (entrant, organization_id, reason) = if let Some(caller) = caller {
        let organization = organization::find(&caller, &asked.organization).await?;
        let reason = presented.key.is_some().then_some(
            "Both API key and provisioner key authentication provided. Only one is allowed.",
        );
        (Entrant::User(Box::new(caller)), organization.id, reason)
    } else {
        let key = of_daemon(&guest, presented).await?;
        let organization_id = key.thing.organization_id;
        let is_named = names(&guest, &asked.organization, organization_id).await?;
        let reason = (!is_named).then_some("the provisioner key belongs to another organization");
        (Entrant::Key(Box::new(key)), organization_id, reason)
    };
    let sent = tags(&asked.tags)?;
    let provisioners = provisioners(&asked.provisioners)?;
    let forbidden = |reason: &str| forbidden(&sent, reason);
    if let Some(reason) = reason {
        return Err(forbidden(reason));
    }
    let is_of_a_user = sent.get("scope").is_some_and(|scope| scope == "user");
    let tags = match &entrant {
        Entrant::Key(_) if !sent.is_empty() => {
            return Err(forbidden(
                "tags are not allowed when using a provisioner key",
            ));
        }
        Entrant::Key(key) => key.thing.tags.clone().of_organization(),
        Entrant::User(caller) => {
            let daemons = daemons_of(organization_id, is_of_a_user);
            let allowed = caller.is_allowed(Action::Create, daemons);
            allowed.map_err(|_| forbidden("user unauthorized"))?;
            ProvisionerTags::parse(sent.clone())
                .map_err(|error| Refused::tags(&error))?
                .of(caller.user_id())
        }
    };
    Ok(Admitted {
        name: name(&guest, asked.name)?,
        guest,
        entrant,
        organization_id,
        version: asked.version,
        api_version: asked.api_version,
        provisioners,
        tags,
    })
}

/// Whether a text names an organization.
async fn names(
    guest: &Guest,
    text: &str,
    organization_id: OrganizationId,
) -> Result<bool, Failure> {
    if let Some(id) = whole_id(text) {
        return Ok(id == organization_id);
    }
    let now = guest.services().ledger().now().await?;
    let id = organization_id.to_string();
    let seen = now.state::<OrganizationState>(&id).await?;
    let organization = seen.state.life.live();
    Ok(organization.is_some_and(|organization| match text {
        "default" => organization.is_default,
        name => organization.profile.name.as_str() == name,
    }))
}

fn forbidden(tags: &BTreeMap<String, String>, reason: &str) -> Failure {
    let scope = tags.get("scope").map_or("", String::as_str);
    let message =
        format!("You aren't allowed to create provisioner daemons with scope \"{scope}\"");
    Refused::forbidden(message).with_detail(reason).into()
}

fn tags(sent: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let tag = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            let message =
                format!("Invalid format for tag {text:?}. Key and value must be separated with =.");
            Refused::impossible(message)
        })?;
        Ok((name.to_owned(), value.to_owned()))
    };
    sent.iter().map(tag).collect()
}

fn provisioners(sent: &[String]) -> Result<BTreeSet<ProvisionerType>, Failure> {
    if sent.is_empty() {
        let message = "The provisioner query parameter must be specified.";
        return Err(Refused::impossible(message).into());
    }
    let known = |text: &String| {
        text.parse()
            .map_err(|_| Refused::impossible(format!("Unknown provisioner type {text:?}")).into())
    };
    sent.iter().map(known).collect()
}

/// The name that was sent, or one that is drawn.
fn name(guest: &Guest, sent: String) -> Result<String, Failure> {
    if sent.is_empty() {
        let drawn = guest
            .services()
            .randomness()
            .alphanumeric(10)
            .to_lowercase();
        tracing::warn!(
            name = drawn,
            "a provisioner daemon has no name and is given one"
        );
        return Ok(drawn);
    }
    if sent.chars().count() > MAX_NAME || sent.contains(char::is_control) {
        let text =
            format!("A name has at most {MAX_NAME} characters, none of them control characters");
        return Err(Refused::invalid("name", text).into());
    }
    Ok(sent)
}
