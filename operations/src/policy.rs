//! Who may do what: one decision on (subject, action, resource), from the table of docs/contract/core.md 9.
//!
//! Operations ask it through [`Caller::sees`](crate::Caller::sees) to read, and for a leave to record.

mod organization;
#[cfg(test)]
mod tests;

use chancery_aggregates::Noun;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::credential::Credential;

pub use organization::{Membership, OrganizationPart, OrganizationRole};

/// Site-wide roles (docs/contract/core.md 9). Everyone is also a member, which needs no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The role of a recorded name; None for `member` and names this version does not know, which grant nothing.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The recorded name.
    pub fn name(self) -> &'static str {
        self.into()
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
    pub user_id: UserId,
    /// The user's site roles.
    pub roles: Vec<Role>,
    /// The organizations that the user belongs to.
    pub memberships: Vec<Membership>,
}

impl Subject {
    /// The user of a credential.
    pub(crate) fn of(credential: &Credential) -> Self {
        let user = &credential.user;
        let roles = user.roles.iter();
        let memberships = credential.memberships.iter();
        Self {
            user_id: user.id,
            roles: roles.filter_map(|name| Role::from_name(name)).collect(),
            memberships: memberships.map(Membership::of).collect(),
        }
    }

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
    /// The deployment itself, which begins once.
    Deployment,
    /// All users: a new one, or their list.
    Users,
    /// A user's public data, status and existence.
    User(UserId),
    /// A user who is an owner: only owners may end one.
    OwnerUser(UserId),
    /// What a user decides about itself: names, password, login type, quiet hours.
    PersonalData {
        /// Whose they are.
        user_id: UserId,
    },
    /// The site roles of a user.
    SiteRoles {
        /// Whose they are.
        user_id: UserId,
    },
    /// The API keys and tokens of a user.
    ApiKey {
        /// Whose they are.
        user_id: UserId,
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
        user_id: UserId,
    },
    /// By which claims users belong to organizations, and what is known of their claims.
    IdpSync,
    /// Things of the deployment that are its owners' alone, by their noun.
    OfOwners(&'static str),
    /// Organizations as a whole: a new one.
    Organizations,
    /// Something of an organization.
    Organization {
        /// The organization.
        id: OrganizationId,
        /// What of it.
        part: OrganizationPart,
    },
    /// The audit trail of everything; an organization's own entries are a part of it.
    Audit,
}

impl Resource {
    /// What a noun is to the policy that says nothing else.
    pub(crate) const fn of_owners<N: Noun>() -> Self {
        Self::OfOwners(N::TYPE)
    }

    /// The organization whose roles count.
    pub(crate) fn organization_id(self) -> Option<OrganizationId> {
        match self {
            Self::Organization { id, .. } => Some(id),
            _ => None,
        }
    }
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
    /// Registering as a client, and managing that with the token which registering gave.
    ClientRegistration,
    /// Making, suspending and reinstating users with the deployment's SCIM key.
    Provisioning,
    /// Exchanging, refreshing and revoking with client credentials, a code or a token.
    TokenEndpoint,
    /// Coming in as a provisioner daemon with a key, and being there.
    ProvisionerDaemon,
    /// What the server does by itself: its first organization, extending a session in use.
    Server,
    /// What is done on the data itself: whoever has that may do everything.
    Operator,
}

/// Leave for an operation that needs no session.
pub fn public(_operation: PublicOperation) -> Permit {
    Permit(())
}

/// Why the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The subject may not even know whether it exists.
    #[error("not readable")]
    NotReadable,
    /// The subject sees it, and may not do that.
    #[error("not allowed")]
    NotAllowed,
}

/// Decides whether `subject` may do `action` to `resource`.
pub fn decide(subject: &Subject, action: Action, resource: Resource) -> Result<Permit, Denied> {
    if allows(subject, action, resource) {
        return Ok(Permit(()));
    }
    // Rule of thumb of docs/contract/core.md 9: what cannot be read does not exist.
    Err(if is_hidden(subject, resource) {
        Denied::NotReadable
    } else {
        Denied::NotAllowed
    })
}

/// Whether the subject may do it by its roles alone: as somebody without any it could not.
pub(crate) fn takes_roles(subject: &Subject, action: Action, resource: Resource) -> bool {
    let without_roles = Subject {
        user_id: subject.user_id,
        roles: Vec::new(),
        memberships: Vec::new(),
    };
    !allows(&without_roles, action, resource)
}

fn is_hidden(subject: &Subject, resource: Resource) -> bool {
    match resource {
        // Whoever sees the organization may know that it has such settings.
        Resource::Organization {
            id,
            part: OrganizationPart::IdpSync,
        } => {
            let part = OrganizationPart::Profile;
            !allows(subject, Action::Read, Resource::Organization { id, part })
        }
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

#[expect(
    clippy::match_same_arms,
    reason = "a table is read row by row, whichever rows agree"
)]
fn allows(subject: &Subject, action: Action, resource: Resource) -> bool {
    use Action::{Create, Delete, Read, Update};
    use Role::{Auditor, Owner, TemplateAdmin, UserAdmin};
    let own = |user_id: UserId| user_id == subject.user_id;
    match (resource, action) {
        // It begins by itself, and is claimed by whoever comes first.
        (Resource::Deployment, _) => false,
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
        (Resource::IdpSync, _) => subject.is(&[Owner, UserAdmin]),
        (Resource::OfOwners(_), _) => subject.is(&[Owner]),
        (Resource::Organizations, Read) => true,
        (Resource::Organizations, Create | Update | Delete) => subject.is(&[Owner]),
        (Resource::Organization { id, part }, _) => organization::allows(subject, action, id, part),
        (Resource::Audit, Read) => subject.is(&[Owner, Auditor]),
        (Resource::Audit, Create | Update | Delete) => subject.is(&[Owner]),
    }
}
