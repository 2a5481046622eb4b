use super::*;
use crate::policy::{Denied, Resource, decide};

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;

const HERE: OrganizationId = OrganizationId::from_u128(1);
const ELSEWHERE: OrganizationId = OrganizationId::from_u128(2);
const SELF: UserId = UserId::from_u128(3);
const PARTS: [OrganizationPart; 4] = [
    OrganizationPart::Profile,
    OrganizationPart::Members,
    OrganizationPart::MemberRoles,
    OrganizationPart::Groups,
];

fn site(role: Role) -> Subject {
    Subject {
        user_id: SELF,
        roles: vec![role],
        memberships: Vec::new(),
    }
}

fn member(roles: &[OrganizationRole]) -> Subject {
    Subject {
        user_id: SELF,
        roles: Vec::new(),
        memberships: vec![Membership {
            organization_id: HERE,
            roles: roles.to_vec(),
        }],
    }
}

fn ask(
    subject: &Subject,
    action: Action,
    id: OrganizationId,
    part: OrganizationPart,
) -> Option<Denied> {
    decide(subject, action, Resource::Organization { id, part }).err()
}

#[test]
fn roles_of_one_organization_mean_nothing_in_another() {
    for role in OrganizationRole::ALL.iter().copied() {
        let subject = member(&[role]);
        for part in PARTS {
            for action in [Action::Read, Action::Create, Action::Update, Action::Delete] {
                let refused = ask(&subject, action, ELSEWHERE, part);
                assert_eq!(refused, Some(Denied::NotReadable), "{role:?} {part:?}");
            }
        }
        assert!(!subject.reads_groups_of(ELSEWHERE));
        assert!(!subject.may_assign_in(ELSEWHERE, OrganizationRole::Auditor));
    }
}

#[test]
fn members_see_their_organization_and_change_nothing_in_it() {
    let subject = member(&[]);
    for part in PARTS {
        assert_eq!(ask(&subject, Action::Read, HERE, part), None);
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert_eq!(ask(&subject, action, HERE, part), Some(Denied::NotAllowed));
        }
    }
}

#[test]
fn user_admins_manage_members_and_groups_and_not_the_organization() {
    let admins = [
        site(Role::UserAdmin),
        member(&[OrganizationRole::UserAdmin]),
    ];
    for subject in admins {
        for part in [
            OrganizationPart::Members,
            OrganizationPart::Groups,
            OrganizationPart::Group { is_member: false },
        ] {
            assert_eq!(ask(&subject, Action::Delete, HERE, part), None);
        }
        let profile = ask(&subject, Action::Update, HERE, OrganizationPart::Profile);
        assert_eq!(profile, Some(Denied::NotAllowed));
        assert!(subject.may_assign_in(HERE, OrganizationRole::Auditor));
        assert!(!subject.may_assign_in(HERE, OrganizationRole::Admin));
    }
}

#[test]
fn a_group_is_seen_by_its_members_and_by_those_who_see_all() {
    let group = OrganizationPart::Group { is_member: false };
    for role in [
        Role::Owner,
        Role::Auditor,
        Role::TemplateAdmin,
        Role::UserAdmin,
    ] {
        assert_eq!(ask(&site(role), Action::Read, HERE, group), None);
    }
    for role in [
        OrganizationRole::Admin,
        OrganizationRole::Auditor,
        OrganizationRole::TemplateAdmin,
        OrganizationRole::UserAdmin,
    ] {
        assert_eq!(ask(&member(&[role]), Action::Read, HERE, group), None);
    }
    let plain = member(&[OrganizationRole::WorkspaceCreationBan]);
    assert_eq!(
        ask(&plain, Action::Read, HERE, group),
        Some(Denied::NotReadable)
    );
    assert_eq!(
        ask(&plain, Action::Update, HERE, group),
        Some(Denied::NotReadable)
    );
    let own = OrganizationPart::Group { is_member: true };
    assert_eq!(ask(&plain, Action::Read, HERE, own), None);
    assert_eq!(
        ask(&plain, Action::Update, HERE, own),
        Some(Denied::NotAllowed)
    );
}

#[test]
fn the_trail_of_an_organization_is_seen_by_its_admins_and_auditors_and_changed_by_nobody() {
    let trail = OrganizationPart::Audit;
    for subject in [
        site(Role::Owner),
        site(Role::Auditor),
        member(&[OrganizationRole::Admin]),
        member(&[OrganizationRole::Auditor]),
    ] {
        assert_eq!(ask(&subject, Action::Read, HERE, trail), None);
        let refused = ask(&subject, Action::Delete, HERE, trail);
        assert_eq!(refused, Some(Denied::NotAllowed));
    }
    for subject in [
        site(Role::UserAdmin),
        site(Role::TemplateAdmin),
        member(&[]),
        member(&[OrganizationRole::UserAdmin]),
        member(&[OrganizationRole::TemplateAdmin]),
    ] {
        let refused = ask(&subject, Action::Read, HERE, trail);
        assert_eq!(refused, Some(Denied::NotReadable));
        assert!(subject.organizations_with_readable_audit().is_empty());
    }
    let auditor = member(&[OrganizationRole::Auditor]);
    assert_eq!(auditor.organizations_with_readable_audit(), [HERE]);
    let refused = ask(&auditor, Action::Read, ELSEWHERE, trail);
    assert_eq!(refused, Some(Denied::NotReadable));
}

#[test]
fn provisioner_keys_are_for_admins_and_template_admins_and_unseen_by_others() {
    let keys = OrganizationPart::ProvisionerKeys;
    let every = [Action::Read, Action::Create, Action::Delete];
    for subject in [
        site(Role::Owner),
        site(Role::TemplateAdmin),
        member(&[OrganizationRole::Admin]),
        member(&[OrganizationRole::TemplateAdmin]),
    ] {
        for action in every {
            assert_eq!(ask(&subject, action, HERE, keys), None);
        }
    }
    for subject in [
        site(Role::UserAdmin),
        site(Role::Auditor),
        member(&[]),
        member(&[OrganizationRole::UserAdmin]),
    ] {
        for action in every {
            let refused = ask(&subject, action, HERE, keys);
            assert_eq!(refused, Some(Denied::NotReadable));
        }
    }
    let admin = member(&[OrganizationRole::Admin]);
    let refused = ask(&admin, Action::Read, ELSEWHERE, keys);
    assert_eq!(refused, Some(Denied::NotReadable));
}

#[test]
fn a_quota_is_seen_by_its_user_and_by_those_who_see_users_there() {
    let of = |user_id| OrganizationPart::WorkspaceQuota { user_id };
    let other = UserId::from_u128(9);
    assert_eq!(ask(&member(&[]), Action::Read, HERE, of(SELF)), None);
    assert_eq!(
        ask(&member(&[]), Action::Read, HERE, of(other)),
        Some(Denied::NotReadable)
    );
    let admin = member(&[OrganizationRole::Admin]);
    assert_eq!(ask(&admin, Action::Read, HERE, of(other)), None);
}

#[test]
fn a_role_that_is_not_known_grants_nothing() {
    assert_eq!(OrganizationRole::from_name("organization-member"), None);
    for role in OrganizationRole::ALL.iter().copied() {
        assert_eq!(OrganizationRole::from_name(role.name()), Some(role));
    }
}

#[test]
fn settings_of_synchronisation_are_for_those_who_manage_users_and_no_secret_to_members() {
    let part = OrganizationPart::IdpSync;
    for subject in [
        site(Role::Owner),
        site(Role::UserAdmin),
        member(&[OrganizationRole::Admin]),
        member(&[OrganizationRole::UserAdmin]),
    ] {
        assert_eq!(ask(&subject, Action::Read, HERE, part), None);
        assert_eq!(ask(&subject, Action::Update, HERE, part), None);
    }
    for subject in [
        site(Role::Auditor),
        site(Role::TemplateAdmin),
        member(&[]),
        member(&[OrganizationRole::Auditor, OrganizationRole::TemplateAdmin]),
    ] {
        for action in [Action::Read, Action::Update] {
            assert_eq!(ask(&subject, action, HERE, part), Some(Denied::NotAllowed));
        }
    }
    let elsewhere = ask(
        &member(&[OrganizationRole::Admin]),
        Action::Read,
        ELSEWHERE,
        part,
    );
    assert_eq!(elsewhere, Some(Denied::NotReadable));
}
