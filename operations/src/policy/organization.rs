//! Who may do what within an organization: the rows of docs/contract/core.md 9 and groups 8 that are evaluated per organization.

#[cfg(test)]
mod tests;

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_projections::organization;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Action, Role, Subject};

/// Roles in an organization (docs/contract/core.md 9). Everyone in it is also an `organization-member`, which needs no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
pub enum OrganizationRole {
    /// May do everything in the organization.
    #[strum(serialize = "organization-admin")]
    Admin,
    /// Reads what is in it.
    #[strum(serialize = "organization-auditor")]
    Auditor,
    /// Manages its templates.
    #[strum(serialize = "organization-template-admin")]
    TemplateAdmin,
    /// Manages its members and groups.
    #[strum(serialize = "organization-user-admin")]
    UserAdmin,
    /// Takes the right to make workspaces away. It gives nothing.
    #[strum(serialize = "organization-workspace-creation-ban")]
    WorkspaceCreationBan,
}

impl OrganizationRole {
    /// Every role, in the order of lists.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The role of a recorded name; None for `organization-member` and names this version does not know, which grant
    /// nothing.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The recorded name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The name shown to people.
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Admin => "Organization Admin",
            Self::Auditor => "Organization Auditor",
            Self::UserAdmin => "Organization User Admin",
            Self::TemplateAdmin => "Organization Template Admin",
            Self::WorkspaceCreationBan => "Organization Workspace Creation Ban",
        }
    }
}

/// What the subject is in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The subject's roles there.
    pub roles: Vec<OrganizationRole>,
}

impl Membership {
    /// A membership as it is recorded.
    pub(super) fn of(membership: &organization::Membership) -> Self {
        let roles = membership.roles.iter();
        Self {
            organization_id: membership.organization_id,
            roles: roles
                .filter_map(|name| OrganizationRole::from_name(name))
                .collect(),
        }
    }
}

/// What something is asked of within an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationPart {
    /// The organization itself.
    Profile,
    /// Its members.
    Members,
    /// The roles of its members.
    MemberRoles,
    /// Its groups as a whole: a new one.
    Groups,
    /// One of its groups, with all its members.
    Group {
        /// Whether the subject is in it, and so sees the group and himself.
        is_member: bool,
    },
    /// The entries of the audit trail that belong to it.
    Audit,
    /// By which claims its members belong to groups and have roles, and what is known of their claims.
    IdpSync,
    /// Its provisioner daemons: one that comes.
    ProvisionerDaemons {
        /// Whether it does jobs of the subject alone.
        is_of_a_user: bool,
    },
    /// Jobs of its provisioner daemons, and who does them.
    ProvisionerJobs,
    /// The keys of its provisioner daemons.
    ProvisionerKeys,
    /// What a member may spend in it.
    WorkspaceQuota {
        /// The member.
        user_id: UserId,
    },
}

impl Subject {
    fn is_in(&self, organization_id: OrganizationId, roles: &[OrganizationRole]) -> bool {
        self.membership(organization_id)
            .is_some_and(|membership| membership.roles.iter().any(|role| roles.contains(role)))
    }

    fn membership(&self, organization_id: OrganizationId) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.organization_id == organization_id)
    }

    /// Whether the subject manages users in some organization, and so sees whom it could add.
    pub(super) fn administers_users_somewhere(&self) -> bool {
        use OrganizationRole::{Admin, UserAdmin};
        let organizations = self.memberships.iter();
        organizations
            .map(|membership| membership.organization_id)
            .any(|id| self.is_in(id, &[Admin, UserAdmin]))
    }

    /// Whether the subject sees every organization.
    pub fn reads_every_organization(&self) -> bool {
        self.is(&[
            Role::Owner,
            Role::Auditor,
            Role::TemplateAdmin,
            Role::UserAdmin,
        ])
    }

    /// Whether the subject sees every group of every organization, with all members.
    pub fn reads_every_group(&self) -> bool {
        self.is(&[
            Role::Owner,
            Role::Auditor,
            Role::TemplateAdmin,
            Role::UserAdmin,
        ])
    }

    /// Whether the subject sees every group of an organization, with all members. Others see the groups they are in, and
    /// there themselves.
    pub fn reads_groups_of(&self, organization_id: OrganizationId) -> bool {
        use OrganizationRole::{Admin, Auditor, TemplateAdmin, UserAdmin};
        self.reads_every_group()
            || self.is_in(organization_id, &[Admin, Auditor, TemplateAdmin, UserAdmin])
    }

    /// The organizations whose groups the subject sees by its role there.
    pub fn organizations_with_readable_groups(&self) -> Vec<OrganizationId> {
        let ids = self.memberships.iter().map(|one| one.organization_id);
        ids.filter(|id| self.reads_groups_of(*id)).collect()
    }

    /// The organizations whose entries of the audit trail the subject sees by its role there.
    pub fn organizations_with_readable_audit(&self) -> Vec<OrganizationId> {
        let ids = self.memberships.iter().map(|one| one.organization_id);
        ids.filter(|id| allows(self, Action::Read, *id, OrganizationPart::Audit))
            .collect()
    }

    /// Whether the subject may give and take a role in an organization. Managing members is not enough for the role that
    /// may do everything: whoever could give it could have it.
    pub fn may_assign_in(&self, organization_id: OrganizationId, role: OrganizationRole) -> bool {
        match role {
            OrganizationRole::Admin => {
                self.is(&[Role::Owner]) || self.is_in(organization_id, &[OrganizationRole::Admin])
            }
            _ => allows(
                self,
                Action::Update,
                organization_id,
                OrganizationPart::MemberRoles,
            ),
        }
    }
}

/// Whether the subject may do `action` to `part` of an organization.
pub(super) fn allows(
    subject: &Subject,
    action: Action,
    organization_id: OrganizationId,
    part: OrganizationPart,
) -> bool {
    use Action::{Create, Delete, Read, Update};
    use OrganizationPart::{
        Audit, Group, Groups, IdpSync, MemberRoles, Members, Profile, ProvisionerDaemons,
        ProvisionerJobs, ProvisionerKeys, WorkspaceQuota,
    };
    use OrganizationRole as Here;
    let site = |roles: &[Role]| subject.is(roles);
    let here = |roles: &[Here]| subject.is_in(organization_id, roles);
    match (part, action) {
        (Profile | Members | MemberRoles | Groups, Read) => {
            subject.reads_every_organization() || subject.membership(organization_id).is_some()
        }
        (Profile, Create | Update | Delete) => site(&[Role::Owner]) || here(&[Here::Admin]),
        (Members | MemberRoles | Groups | Group { .. }, Create | Update | Delete)
        | (IdpSync, _) => {
            site(&[Role::Owner, Role::UserAdmin]) || here(&[Here::Admin, Here::UserAdmin])
        }
        (Group { is_member }, Read) => is_member || subject.reads_groups_of(organization_id),
        (Audit, Read) => site(&[Role::Owner, Role::Auditor]) || here(&[Here::Admin, Here::Auditor]),
        (ProvisionerDaemons { is_of_a_user: true }, Create) => {
            site(&[Role::Owner, Role::TemplateAdmin])
                || subject.membership(organization_id).is_some()
        }
        (
            ProvisionerDaemons {
                is_of_a_user: false,
            }
            | ProvisionerJobs
            | ProvisionerKeys,
            _,
        )
        | (ProvisionerDaemons { is_of_a_user: true }, Read | Update | Delete) => {
            site(&[Role::Owner, Role::TemplateAdmin]) || here(&[Here::Admin, Here::TemplateAdmin])
        }
        (WorkspaceQuota { user_id }, Read) => {
            user_id == subject.user_id
                || site(&[Role::Owner, Role::TemplateAdmin, Role::UserAdmin])
                || here(&[Here::Admin, Here::TemplateAdmin, Here::UserAdmin])
        }
        (Audit | WorkspaceQuota { .. }, Create | Update | Delete) => false,
    }
}
