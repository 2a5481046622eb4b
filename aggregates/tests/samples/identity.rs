use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::{
    api_key, deployment, group, login_refusal, organization, organization_member, user,
};

use super::{at, hash, id, samples};

pub fn deployment() -> Vec<deployment::Event> {
    use deployment::Event;
    samples!(Event {
        DeploymentInitialized { deployment_id: id(1), default_organization_id: id(2) },
        FirstUserClaimed { user_id: id(3) },
    })
}

pub fn organization() -> Vec<organization::Event> {
    use organization::Event;
    samples!(Event {
        OrganizationCreated {
            name: "coder".to_owned(),
            display_name: "Coder".to_owned(),
            description: "Everyone".to_owned(),
            icon: "/icon.png".to_owned(),
            is_default: true,
        },
        OrganizationUpdated {
            previous_name: "coder".to_owned(),
            name: "acme".to_owned(),
            display_name: "Acme".to_owned(),
            description: "Everyone".to_owned(),
            icon: "/icon.png".to_owned(),
        },
        OrganizationDeleted { name: "acme".to_owned() },
    })
}

pub fn group() -> Vec<group::Event> {
    use group::Event;
    samples!(Event {
        GroupCreated {
            organization_id: id(2),
            name: "staff".to_owned(),
            display_name: "Staff".to_owned(),
            avatar_url: "/icon.png".to_owned(),
            quota_allowance: 5,
            source: group::Source::User,
        },
        GroupUpdated {
            organization_id: id(2),
            previous_name: "staff".to_owned(),
            name: "crew".to_owned(),
            display_name: "Crew".to_owned(),
            avatar_url: "/icon.png".to_owned(),
            quota_allowance: 7,
        },
        GroupMembersChanged {
            organization_id: id(2),
            added: vec![id(3)],
            removed: vec![id(4)],
        },
        GroupDeleted { organization_id: id(2), name: "crew".to_owned() },
    })
}

pub fn organization_member() -> Vec<organization_member::Event> {
    use organization_member::Event;
    samples!(Event {
        OrganizationMemberAdded {
            organization_id: id(2),
            user_id: id(3),
            roles: vec!["organization-admin".to_owned()],
        },
        OrganizationMemberRolesChanged {
            organization_id: id(2),
            user_id: id(3),
            roles: vec!["organization-auditor".to_owned()],
        },
        OrganizationMemberRemoved { organization_id: id(2), user_id: id(3) },
    })
}

fn password_hash() -> PasswordHash {
    PasswordHash::from_phc("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".to_owned())
        .unwrap()
}

pub fn user() -> Vec<user::Event> {
    use user::Event;
    samples!(Event {
        UserCreated {
            username: "ada".to_owned().into(),
            email: "ada@example.org".to_owned().into(),
            name: "Ada Lovelace".to_owned().into(),
            login_type: LoginType::Password,
            status: user::Status::Active,
            roles: vec!["owner".to_owned()],
            hashed_password: Some(password_hash()),
        },
        UserActivated {},
        UserSuspended {},
        PasswordChanged { hashed_password: password_hash() },
        UserProfileUpdated {
            username: "countess".to_owned().into(),
            previous_username: "ada".to_owned().into(),
            name: "Ada King".to_owned().into(),
        },
        UserRolesChanged { roles: vec!["auditor".to_owned(), "user-admin".to_owned()] },
        QuietHoursScheduleSet { schedule: "CRON_TZ=America/Chicago 0 0 * * *".to_owned() },
        UserDeleted {
            username: "countess".to_owned().into(),
            email: "ada@example.org".to_owned().into(),
        },
    })
}

pub fn api_key() -> Vec<api_key::Event> {
    use api_key::Event;
    samples!(Event {
        ApiKeyCreated {
            user_id: id(3),
            origin: api_key::Origin::Token,
            login_type: LoginType::Token,
            scope: api_key::Scope::All,
            token_name: "laptop".to_owned(),
            hashed_secret: hash("api key"),
            lifetime_seconds: 86_400,
            expires_at: at(86_400),
        },
        ApiKeyExtended { expires_at: at(90_000) },
        ApiKeyDeleted {
            user_id: id(3),
            token_name: "laptop".to_owned(),
            reason: api_key::DeletionReason::PasswordChanged,
        },
    })
}

pub fn login_refusal() -> Vec<login_refusal::Event> {
    use login_refusal::Event;
    samples!(Event {
        LoginRefused {
            email: "ada@example.org".to_owned().into(),
            user_id: Some(id(3)),
            reason: login_refusal::Reason::WrongPassword,
        },
    })
}
