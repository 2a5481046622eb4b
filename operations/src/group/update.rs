//! Changing a group.

use chancery_aggregates::group::{Command, Error, UpdateGroup};
use chancery_aggregates::user::UserId;
use chancery_projections::{group, organization};

use super::{Group, GroupChangeForm, GroupFilter, OneGroup, ShownGroup, get, taken};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::Action;

/// Changes a group and its members, all or nothing.
pub async fn update(
    caller: &Caller,
    group: &Group,
    mut form: GroupChangeForm,
) -> Result<ShownGroup, Failure> {
    let thing = OneGroup::seen(group);
    let leave = caller.may(Action::Update, &thing)?;
    form.settings.name.take_if(|name| name.is_empty());
    let mut update = UpdateGroup {
        settings: form.settings.check()?,
        ..UpdateGroup::default()
    };
    let names_users = !(form.add_users.is_empty() && form.remove_users.is_empty());
    update.check(&group.state, names_users).map_err(refused)?;
    update.add = users(caller, group, &form.add_users).await?;
    let removed = users(caller, group, &form.remove_users).await?;
    update.remove = removed.into_iter().collect();
    let name = form.settings.name.unwrap_or_default();
    if !name.is_empty() && is_taken(caller, group, &name).await? {
        return Err(taken("with name", &name).into());
    }
    let recorded = leave.try_record(Command::UpdateGroup(update)).await;
    recorded
        .map_err(|failure| failure.or_taken(|_| taken("with name", &name)))?
        .map_err(refused)?;
    get(caller, GroupFilter::by_id(group.id), None).await
}

/// The members of the group's organization that texts name, by id or user name.
async fn users(caller: &Caller, group: &Group, texts: &[String]) -> Result<Vec<UserId>, Failure> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let (pool, organization_id) = (caller.services().pool(), group.state.organization_id);
    let names: Vec<String> = texts
        .iter()
        .filter(|text| text.parse::<UserId>().is_err())
        .cloned()
        .collect();
    let by_name = organization::find_member_names(pool, organization_id, &names).await?;
    let id = |text: &String| {
        let id = text.parse().ok();
        id.or_else(|| by_name.get(&text.to_lowercase()).copied())
            .ok_or_else(|| not_a_user(text))
    };
    let ids = texts
        .iter()
        .map(id)
        .collect::<Result<Vec<UserId>, Refused>>()?;
    let members = organization::find_member_ids(pool, organization_id, &ids).await?;
    if ids.iter().all(|id| members.contains(id)) {
        Ok(ids)
    } else {
        let name = group.state.settings.name.as_str();
        let text = format!("User must be a member of organization \"{name}\"");
        Err(Refused::impossible(text).into())
    }
}

fn not_a_user(text: &str) -> Refused {
    Refused::impossible(format!("ID \"{text}\" must be a valid user UUID."))
        .with_detail("Neither is it the user name of a member of the organization.")
}

/// Whether another group has the name. It comes before what the group's stream refuses. Two who rename at once get past this: the
/// ledger refuses one.
async fn is_taken(caller: &Caller, group: &Group, name: &str) -> Result<bool, Failure> {
    let named = GroupFilter::by_name(group.state.organization_id, name.to_owned());
    let found = group::list(caller.services().pool(), &named).await?;
    Ok(found.iter().any(|other| other.id != group.id))
}

fn refused(error: Error) -> Failure {
    match error {
        Error::NameReserved => Refused::impossible(format!("{error}!")).into(),
        error => Failure::of_refusal(&error),
    }
}
