//! The site roles of a user.

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::Command;
use chancery_projections::user;

use super::thing::SiteRoles;
use super::{User, find};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::{Action, Role};
use crate::role_names::RoleNames;

const NAMES: RoleNames<Role> = RoleNames {
    implicit: "member",
    one: "a site role",
    several: "site roles",
    from_name: Role::from_name,
};

/// Every site role, and whether the caller may give and take it.
pub fn assignable_roles(caller: &Caller) -> impl Iterator<Item = (Role, bool)> {
    let roles = Role::ALL.iter().copied();
    roles.map(|role| (role, caller.subject().may_assign(role)))
}

/// The roles of a user, whom the caller was found to see, in each of its organizations.
pub async fn organization_roles(
    caller: &Caller,
    user: &User,
) -> Result<Vec<(OrganizationId, Vec<String>)>, Failure> {
    Ok(user::organization_roles(caller.services().pool(), user.id).await?)
}

/// Replaces the site roles of a user. Who gives or takes a role must be allowed to assign it.
pub async fn change_roles(caller: &Caller, user: &User, roles: &[String]) -> Result<User, Failure> {
    if user.id == caller.user_id() {
        return Err(Refused::impossible("You cannot change your own roles.").into());
    }
    let thing = SiteRoles(user.id);
    let leave = caller.may(Action::Update, &thing)?;
    let wanted = &NAMES.known(roles)?;
    let names: &Vec<String> = &wanted.iter().map(|role| role.name().to_owned()).collect();
    leave
        .unit(|mut unit| async move {
            let command = Command::ChangeRoles {
                roles: names.clone(),
            };
            unit.record(command).await?;
            let present = unit.present().await?.into_live().ok_or(Failure::NotFound)?;
            check_rank(caller, &present.roles, wanted)?;
            unit.done(())
        })
        .await?;
    find::changed(caller, user.id).await
}

/// Refuses a change of a role that the caller may not assign.
fn check_rank(caller: &Caller, present: &[String], wanted: &[Role]) -> Result<(), Failure> {
    let has = |role: Role| present.iter().any(|name| name == role.name());
    let changed = Role::ALL
        .iter()
        .copied()
        .filter(|role| wanted.contains(role) != has(*role));
    let mut refused = changed.filter(|role| !caller.subject().may_assign(*role));
    match refused.next() {
        None => Ok(()),
        Some(_) => Err(Failure::NOT_ALLOWED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn site_roles_are_known_and_member_goes_without_saying() {
        let roles = NAMES
            .known(&names(&["member", "owner", "auditor"]))
            .unwrap();
        assert_eq!(roles, [Role::Owner, Role::Auditor]);
    }

    #[test]
    fn organization_roles_and_others_are_refused_each() {
        let refused = NAMES
            .known(&names(&["organization-admin", "owner", "king"]))
            .unwrap_err();
        let Failure::Refused(refused) = refused else {
            panic!("{refused}");
        };
        assert_eq!(refused.fields.len(), 2);
        assert!(
            refused
                .fields
                .iter()
                .all(|invalid| invalid.field == "roles")
        );
    }
}
