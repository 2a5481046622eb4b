//! Changing a group.

use std::collections::HashMap;

use chancery_aggregates::group::{Command, Error, QuotaAllowance, UpdateGroup};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;
use chancery_projections::{group, organization};
use uuid::Uuid;

use super::{Group, GroupRef, SeenGroup, ShownGroup};
use crate::failure::{Failure, InvalidField, Refused};
use crate::policy::Action;
use crate::{Caller, Services};

/// What a group becomes.
#[derive(Clone, Debug, Default)]
pub struct ChangedGroup {
    /// Members of the organization, by id or user name, who join.
    pub add_users: Vec<String>,
    /// Members, by id or user name, who leave.
    pub remove_users: Vec<String>,
    /// The name; empty keeps it.
    pub name: String,
    /// The name shown to people; None keeps it.
    pub display_name: Option<String>,
    /// Where a picture is; None keeps it.
    pub avatar_url: Option<String>,
    /// What each member may spend; None keeps it.
    pub quota_allowance: Option<i64>,
}

/// Changes a group and its members, all or nothing.
pub async fn update(
    caller: &Caller,
    group: &SeenGroup,
    changed: ChangedGroup,
) -> Result<ShownGroup, Failure> {
    let (services, present, thing) = (caller.services(), &group.group, group.thing());
    let leave = caller.may(Action::Update, &thing)?;
    let mut update = changed.check()?;
    let names_users = !(changed.add_users.is_empty() && changed.remove_users.is_empty());
    update
        .check(present.is_everyone(), &present.name, names_users)
        .map_err(refused)?;
    update.add = users(services, present, &changed.add_users).await?;
    let removed = users(services, present, &changed.remove_users).await?;
    update.remove = removed.into_iter().collect();
    check_name_is_free(services, present, update.name.as_ref()).await?;
    let recorded = leave.try_record(Command::UpdateGroup(update)).await;
    recorded
        .map_err(|failure| failure.or_taken(|_| taken(&changed.name)))?
        .map_err(refused)?;
    ShownGroup::find(caller, GroupRef::Id(present.id), None).await
}

impl ChangedGroup {
    fn check(&self) -> Result<UpdateGroup, Failure> {
        let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
        let name = name.map(Name::group).transpose();
        let display_name = self.display_name.as_deref().map(DisplayName::group);
        let display_name = display_name.transpose();
        let avatar_url = self.avatar_url.as_deref().map(FreeText::parse).transpose();
        let quota_allowance = self.quota_allowance.map(QuotaAllowance::new).transpose();
        let invalid = InvalidField::all([
            ("name", name.as_ref().err()),
            ("display_name", display_name.as_ref().err()),
            ("avatar_url", avatar_url.as_ref().err()),
            ("quota_allowance", quota_allowance.as_ref().err()),
        ]);
        match (name, display_name, avatar_url, quota_allowance) {
            (Ok(name), Ok(display_name), Ok(avatar_url), Ok(quota_allowance)) => Ok(UpdateGroup {
                name,
                display_name,
                avatar_url,
                quota_allowance,
                ..UpdateGroup::default()
            }),
            _ => Err(Failure::invalid(invalid)),
        }
    }
}

/// The members of the group's organization that texts name, by id or user name.
async fn users(services: &Services, group: &Group, texts: &[String]) -> Result<Vec<Uuid>, Failure> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let (pool, organization_id) = (services.pool(), group.organization_id);
    let parsed: Vec<Option<Uuid>> = texts
        .iter()
        .map(|text| Uuid::try_parse(text).ok())
        .collect();
    let unparsed = texts.iter().zip(&parsed).filter(|(_, id)| id.is_none());
    let names: Vec<String> = unparsed.map(|(text, _)| text.clone()).collect();
    let by_name = if names.is_empty() {
        HashMap::new()
    } else {
        organization::find_member_names(pool, organization_id, &names).await?
    };
    let ids = texts
        .iter()
        .zip(parsed)
        .map(|(text, id)| {
            id.or_else(|| by_name.get(&text.to_lowercase()).copied())
                .ok_or_else(|| not_a_user(text))
        })
        .collect::<Result<Vec<Uuid>, Refused>>()?;
    let members = organization::find_member_ids(pool, organization_id, &ids).await?;
    if ids.iter().all(|id| members.contains(id)) {
        Ok(ids)
    } else {
        let name = &group.name;
        let text = format!("User must be a member of organization \"{name}\"");
        Err(Refused::impossible(text).into())
    }
}

fn not_a_user(text: &str) -> Refused {
    Refused::impossible(format!("ID \"{text}\" must be a valid user UUID."))
        .with_detail("Neither is it the user name of a member of the organization.")
}

/// A taken name comes before what the group's stream refuses. Two who rename at once get past this: the ledger refuses one.
async fn check_name_is_free(
    services: &Services,
    present: &Group,
    name: Option<&Name>,
) -> Result<(), Failure> {
    let Some(name) = name else {
        return Ok(());
    };
    let reference = group::GroupRef::Name(present.organization_id, name.as_str());
    match group::find(services.pool(), reference).await? {
        Some(other) if other.id != present.id => Err(taken(name.as_str()).into()),
        _ => Ok(()),
    }
}

fn taken(name: &str) -> Refused {
    let text = format!("A group with name \"{name}\" already exists.");
    Refused::taken(text, "name", "Group names must be unique")
}

fn refused(error: Error) -> Failure {
    match error {
        Error::NameReserved => Refused::impossible(format!("{error}!")).into(),
        error => Failure::of_refusal(&error),
    }
}
