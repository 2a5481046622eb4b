//! Who may do what: one decision on (subject, action, resource), from the table of contract core 9.
//!
//! A handler reaches the ledger's commands only with a [`Permit`], and permits are made here alone: by [`decide`] for a
//! signed-in subject, by [`public`] for the few operations that carry their own proof.

mod organization;

use uuid::Uuid;

pub use organization::{Membership, OrganizationPart, OrganizationRole};

use crate::http::ApiError;

/// Site-wide roles (contract core 9). Everyone is also a member, which needs no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Owner,
    /// Reads the audit trail and organizations.
    Auditor,
    /// Manages templates, reads users.
    TemplateAdmin,
    /// Manages users.
    UserAdmin,
}

impl Role {
    /// Every site role.
    pub const ALL: [Self; 4] = [
        Self::Owner,
        Self::Auditor,
        Self::TemplateAdmin,
        Self::UserAdmin,
    ];

    /// The role of a recorded name; None for `member` and names this version does not know, which grant nothing.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "owner" => Some(Self::Owner),
            "auditor" => Some(Self::Auditor),
            "template-admin" => Some(Self::TemplateAdmin),
            "user-admin" => Some(Self::UserAdmin),
            _ => None,
        }
    }

    /// The recorded name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Auditor => "auditor",
            Self::TemplateAdmin => "template-admin",
            Self::UserAdmin => "user-admin",
        }
    }

    /// The name shown to people.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Auditor => "Auditor",
            Self::TemplateAdmin => "Template Admin",
            Self::UserAdmin => "User Admin",
        }
    }
}

/// The one who asks.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The user's id.
    pub user_id: Uuid,
    /// The user's site roles.
    pub roles: Vec<Role>,
    /// The organizations that the user belongs to.
    pub memberships: Vec<Membership>,
}

impl Subject {
    fn is(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether the subject may give and take the site role `role`: owners all of them, others none.
    pub fn may_assign(&self, _role: Role) -> bool {
        self.is(&[Role::Owner])
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a new one.
    Create,
    /// See it.
    Read,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

/// What it is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// All users: a new one, or their list.
    Users,
    /// A user's public data, status and existence.
    User(Uuid),
    /// A user who is an owner: only owners may end one.
    OwnerUser(Uuid),
    /// What a user decides about itself: names, password, login type, quiet hours.
    PersonalData {
        /// Whose they are.
        user_id: Uuid,
    },
    /// The site roles of a user.
    SiteRoles {
        /// Whose they are.
        user_id: Uuid,
    },
    /// The API keys and tokens of a user.
    ApiKey {
        /// Whose they are.
        user_id: Uuid,
    },
    /// API keys and tokens of everyone at once.
    EveryApiKey,
    /// OAuth2 applications.
    OAuth2App,
    /// Secrets of OAuth2 applications.
    OAuth2AppSecret,
    /// Codes and tokens that a user has granted to applications.
    OAuth2Grant {
        /// Whose they are.
        user_id: Uuid,
    },
    /// Organizations as a whole: a new one.
    Organizations,
    /// Something of an organization.
    Organization {
        /// The organization.
        id: Uuid,
        /// What of it.
        part: OrganizationPart,
    },
    /// The audit trail.
    Audit,
}

/// Leave to act, from this module alone.
#[derive(Clone, Copy, Debug)]
#[must_use = "a permit is what a command is reached with"]
pub struct Permit(());

/// Operations that need no session, because what they are given proves enough or because there is nobody yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicOperation {
    /// Making the first user; the deployment takes it once.
    FirstUser,
    /// Signing in with a password.
    Login,
    /// Exchanging, refreshing and revoking with client credentials, a code or a token.
    TokenEndpoint,
    /// What the server does by itself: its first organization, extending a session in use.
    Server,
}

/// Leave for an operation that needs no session.
pub fn public(_operation: PublicOperation) -> Permit {
    Permit(())
}

/// Why the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The subject may not even know whether it exists.
    #[error("not readable")]
    NotReadable,
    /// The subject sees it, and may not do that.
    #[error("not allowed")]
    NotAllowed,
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotReadable => Self::not_found(),
            Refused::NotAllowed => Self::forbidden(),
        }
    }
}

/// Decides whether `subject` may do `action` to `resource`.
pub fn decide(subject: &Subject, action: Action, resource: Resource) -> Result<Permit, Refused> {
    if allows(subject, action, resource) {
        return Ok(Permit(()));
    }
    // Rule of thumb of contract core 9: what cannot be read does not exist.
    Err(if is_hidden(subject, resource) {
        Refused::NotReadable
    } else {
        Refused::NotAllowed
    })
}

fn is_hidden(subject: &Subject, resource: Resource) -> bool {
    match resource {
        Resource::User(id)
        | Resource::OwnerUser(id)
        | Resource::PersonalData { user_id: id }
        | Resource::SiteRoles { user_id: id } => !allows(subject, Action::Read, Resource::User(id)),
        Resource::ApiKey { .. } | Resource::OAuth2Grant { .. } | Resource::Organization { .. } => {
            !allows(subject, Action::Read, resource)
        }
        _ => false,
    }
}

fn allows(subject: &Subject, action: Action, resource: Resource) -> bool {
    use Action::{Create, Delete, Read, Update};
    use Role::{Auditor, Owner, TemplateAdmin, UserAdmin};
    let own = |user_id: Uuid| user_id == subject.user_id;
    match (resource, action) {
        (Resource::Users, Read) => {
            subject.is(&[Owner, TemplateAdmin, UserAdmin]) || subject.administers_users_somewhere()
        }
        (
            Resource::User(id) | Resource::OwnerUser(id) | Resource::SiteRoles { user_id: id },
            Read,
        ) => own(id) || allows(subject, Read, Resource::Users),
        (
            Resource::Users | Resource::User(_) | Resource::SiteRoles { .. },
            Create | Update | Delete,
        ) => subject.is(&[Owner, UserAdmin]),
        (Resource::OwnerUser(_), Create | Update | Delete) => subject.is(&[Owner]),
        (Resource::PersonalData { user_id }, Read) => {
            own(user_id) || subject.is(&[Owner, UserAdmin])
        }
        (Resource::PersonalData { user_id }, Create | Update | Delete) => {
            own(user_id) || subject.is(&[Owner])
        }
        (Resource::ApiKey { user_id } | Resource::OAuth2Grant { user_id }, _) => {
            own(user_id) || subject.is(&[Owner])
        }
        (Resource::EveryApiKey, _) => subject.is(&[Owner]),
        (Resource::OAuth2App, Read) => true,
        (Resource::OAuth2App, Create | Update | Delete) | (Resource::OAuth2AppSecret, _) => {
            subject.is(&[Owner])
        }
        (Resource::Organizations, Read) => true,
        (Resource::Organizations, Create | Update | Delete) => subject.is(&[Owner]),
        (Resource::Organization { id, part }, _) => organization::allows(subject, action, id, part),
        (Resource::Audit, Read) => subject.is(&[Owner, Auditor]),
        (Resource::Audit, Create | Update | Delete) => subject.is(&[Owner]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELF: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

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
                    Refused::NotAllowed
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
            Refused::NotReadable
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
        let refused = |roles: &[Role], action, resource| {
            decide(&subject(roles), action, resource).unwrap_err()
        };
        assert_eq!(refused(&[], Action::Update, other), Refused::NotReadable);
        assert_eq!(
            refused(&[], Action::Create, Resource::Users),
            Refused::NotAllowed
        );
        let own = Resource::User(SELF);
        assert_eq!(refused(&[], Action::Update, own), Refused::NotAllowed);
        assert_eq!(
            refused(&[Role::TemplateAdmin], Action::Delete, other),
            Refused::NotAllowed
        );
        let owner = Resource::OwnerUser(OTHER);
        assert_eq!(
            refused(&[Role::UserAdmin], Action::Delete, owner),
            Refused::NotAllowed
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
            Refused::NotAllowed
        );
        assert_eq!(
            refused(&[Role::TemplateAdmin], Action::Read),
            Refused::NotAllowed
        );
        assert_eq!(
            refused(&[Role::Auditor], Action::Read),
            Refused::NotReadable
        );
    }

    #[test]
    fn only_owners_give_and_take_site_roles() {
        for role in Role::ALL {
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
            Refused::NotAllowed
        );
    }

    #[test]
    fn a_role_that_is_not_known_grants_nothing() {
        assert_eq!(Role::from_name("member"), None);
        assert_eq!(Role::from_name("owner"), Some(Role::Owner));
    }
}
