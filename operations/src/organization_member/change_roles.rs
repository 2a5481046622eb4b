//! The roles of a member.

use chancery_aggregates::organization_member::{Command, OrganizationMember};

use super::{Member, Membership, find};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart, OrganizationRole, Resource};
use crate::role_names::RoleNames;
use crate::user;

const NAMES: RoleNames<OrganizationRole> = RoleNames {
    implicit: "organization-member",
    one: "an organization role",
    several: "organization roles",
    from_name: OrganizationRole::from_name,
};

/// Every role in an organization, and whether the caller may give and take it.
pub fn assignable_roles(
    caller: &Caller,
    organization: &Organization,
) -> Result<impl Iterator<Item = (OrganizationRole, bool)>, Failure> {
    let (id, part) = (organization.id, OrganizationPart::MemberRoles);
    caller.sees(Resource::Organization { id, part })?;
    let roles = OrganizationRole::ALL.iter().copied();
    Ok(roles.map(move |role| (role, caller.subject().may_assign_in(id, role))))
}

/// Replaces the roles of the member that `user` names. Who gives or takes a role must be allowed to assign it.
pub async fn change_roles(
    caller: &Caller,
    organization: &Organization,
    user: &str,
    roles: &[String],
) -> Result<Member, Failure> {
    let (organization_id, part) = (organization.id, OrganizationPart::MemberRoles);
    caller.is_allowed(
        Action::Update,
        Resource::Organization {
            id: organization_id,
            part,
        },
    )?;
    let user_id = user::find(caller, user).await?.id;
    find(caller, organization, user_id).await?;
    if user_id == caller.user_id() {
        return Err(Refused::impossible("You cannot change your own organization roles.").into());
    }
    let wanted = &known(roles)?;
    let membership = Membership {
        organization_id,
        user_id,
        part,
    };
    let leave = caller.may(Action::Update, &membership)?;
    leave
        .unit(|mut unit| async move {
            unit.record(Command::ChangeOrganizationMemberRoles {
                organization_id,
                user_id,
                roles: wanted.iter().map(|role| role.name().to_owned()).collect(),
            })
            .await?;
            let present = unit.present().await?.into_live().ok_or(Failure::NotFound)?;
            check_rank(caller, &present, wanted)?;
            unit.done(())
        })
        .await?;
    find(caller, organization, user_id).await
}

/// Refuses a change of a role that the caller may not assign.
fn check_rank(
    caller: &Caller,
    present: &OrganizationMember,
    wanted: &[OrganizationRole],
) -> Result<(), Failure> {
    let has = |role: &OrganizationRole| present.roles.iter().any(|name| name == role.name());
    let mut changed = OrganizationRole::ALL
        .iter()
        .copied()
        .filter(|role| wanted.contains(role) != has(role));
    let assigns = |role| {
        let subject = caller.subject();
        subject.may_assign_in(present.organization_id, role)
    };
    if changed.all(assigns) {
        Ok(())
    } else {
        Err(Failure::NOT_ALLOWED)
    }
}

/// The roles of these names, each once.
fn known(names: &[String]) -> Result<Vec<OrganizationRole>, Failure> {
    let wanted = NAMES.known(names)?;
    let mut roles = OrganizationRole::ALL.to_vec();
    roles.retain(|role| wanted.contains(role));
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn roles_are_taken_once_each_and_membership_goes_without_saying() {
        let named = [
            "organization-auditor",
            "organization-member",
            "organization-auditor",
        ];
        assert_eq!(known(&names(&named)).unwrap(), [OrganizationRole::Auditor]);
    }

    #[test]
    fn site_roles_and_others_are_refused_each() {
        let refused = known(&names(&["owner", "organization-admin", "king"])).unwrap_err();
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
