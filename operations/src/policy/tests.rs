use super::*;

use chancery_aggregates::user::UserId;

const SELF: UserId = UserId::from_u128(1);
const OTHER: UserId = UserId::from_u128(2);

fn subject(roles: &[Role]) -> Subject {
    Subject {
        user_id: SELF,
        roles: roles.to_vec(),
        memberships: Vec::new(),
    }
}

#[test]
fn apps_are_read_by_everyone_and_changed_by_owners() {
    for role in [Role::Auditor, Role::TemplateAdmin, Role::UserAdmin] {
        let subject = subject(&[role]);
        assert!(decide(&subject, Action::Read, Resource::OAuth2App).is_ok());
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert_eq!(
                decide(&subject, action, Resource::OAuth2App).unwrap_err(),
                Denied::NotAllowed
            );
        }
    }
    assert!(
        decide(
            &subject(&[Role::Owner]),
            Action::Create,
            Resource::OAuth2App
        )
        .is_ok()
    );
}

#[test]
fn secrets_are_for_owners_alone() {
    for action in [Action::Create, Action::Read, Action::Delete] {
        assert!(decide(&subject(&[]), action, Resource::OAuth2AppSecret).is_err());
        assert!(decide(&subject(&[Role::Owner]), action, Resource::OAuth2AppSecret).is_ok());
    }
}

#[test]
fn keys_of_another_do_not_exist_except_for_an_owner() {
    let keys = Resource::ApiKey { user_id: OTHER };
    assert_eq!(
        decide(&subject(&[Role::UserAdmin]), Action::Delete, keys).unwrap_err(),
        Denied::NotReadable
    );
    assert!(decide(&subject(&[Role::Owner]), Action::Delete, keys).is_ok());
    let own = Resource::ApiKey { user_id: SELF };
    assert!(decide(&subject(&[]), Action::Create, own).is_ok());
}

#[test]
fn users_are_managed_by_owners_and_user_admins_and_unseen_by_members() {
    let other = Resource::User(OTHER);
    for role in [Role::Owner, Role::UserAdmin] {
        for action in [Action::Read, Action::Update, Action::Delete] {
            assert!(decide(&subject(&[role]), action, other).is_ok());
        }
        assert!(decide(&subject(&[role]), Action::Create, Resource::Users).is_ok());
    }
    let refused =
        |roles: &[Role], action, resource| decide(&subject(roles), action, resource).unwrap_err();
    assert_eq!(refused(&[], Action::Update, other), Denied::NotReadable);
    assert_eq!(
        refused(&[], Action::Create, Resource::Users),
        Denied::NotAllowed
    );
    let own = Resource::User(SELF);
    assert_eq!(refused(&[], Action::Update, own), Denied::NotAllowed);
    assert_eq!(
        refused(&[Role::TemplateAdmin], Action::Delete, other),
        Denied::NotAllowed
    );
    let owner = Resource::OwnerUser(OTHER);
    assert_eq!(
        refused(&[Role::UserAdmin], Action::Delete, owner),
        Denied::NotAllowed
    );
}

#[test]
fn personal_data_is_written_by_its_user_and_owners_and_read_by_user_admins_too() {
    let other = Resource::PersonalData { user_id: OTHER };
    let own = Resource::PersonalData { user_id: SELF };
    assert!(decide(&subject(&[]), Action::Update, own).is_ok());
    assert!(decide(&subject(&[Role::Owner]), Action::Update, other).is_ok());
    assert!(decide(&subject(&[Role::UserAdmin]), Action::Read, other).is_ok());
    let refused = |roles: &[Role], action| decide(&subject(roles), action, other).unwrap_err();
    assert_eq!(
        refused(&[Role::UserAdmin], Action::Update),
        Denied::NotAllowed
    );
    assert_eq!(
        refused(&[Role::TemplateAdmin], Action::Read),
        Denied::NotAllowed
    );
    assert_eq!(refused(&[Role::Auditor], Action::Read), Denied::NotReadable);
}

#[test]
fn only_owners_give_and_take_site_roles() {
    for role in Role::ALL.iter().copied() {
        assert!(subject(&[Role::Owner]).may_assign(role));
        assert!(!subject(&[Role::UserAdmin]).may_assign(role));
    }
}

#[test]
fn the_trail_is_read_by_owners_and_auditors() {
    assert!(decide(&subject(&[Role::Auditor]), Action::Read, Resource::Audit).is_ok());
    assert!(decide(&subject(&[Role::Owner]), Action::Read, Resource::Audit).is_ok());
    assert_eq!(
        decide(&subject(&[Role::UserAdmin]), Action::Read, Resource::Audit).unwrap_err(),
        Denied::NotAllowed
    );
}

#[test]
fn a_role_that_is_not_known_grants_nothing() {
    assert_eq!(Role::from_name("member"), None);
    assert_eq!(Role::from_name("owner"), Some(Role::Owner));
}

#[test]
fn whom_claims_put_into_which_organization_is_for_owners_and_user_admins() {
    for action in [Action::Read, Action::Update] {
        for role in [Role::Owner, Role::UserAdmin] {
            assert!(decide(&subject(&[role]), action, Resource::IdpSync).is_ok());
        }
        for role in [Role::Auditor, Role::TemplateAdmin] {
            let refused = decide(&subject(&[role]), action, Resource::IdpSync).unwrap_err();
            assert_eq!(refused, Denied::NotAllowed);
        }
    }
}
