//! An organization with users and groups, and what happens to them.

use std::collections::BTreeSet;

use chancery_aggregates::email::Email;
use chancery_aggregates::group::{
    self, Group, GroupId, QuotaAllowance, Settings, Source, UpdateGroup,
};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{DisplayName, Name, RealName};
use chancery_aggregates::organization::{self, Organization, OrganizationId, Profile};
use chancery_aggregates::organization_member::{self, OrganizationMember};
use chancery_aggregates::text::FreeText;
use chancery_aggregates::user::{self, Status, User, UserId};
use chancery_projections::group::GroupFilter;
use chancery_projections::{all, group as groups};

use crate::history::History;
use crate::world::assert_verified;

/// An organization with its group of everyone.
pub struct Place {
    pub history: History,
    pub organization_id: OrganizationId,
}

impl Place {
    pub async fn new() -> Self {
        let history = History::new(all()).await;
        let organization_id: OrganizationId = history.world.id();
        let create = organization::Command::CreateOrganization(Organization {
            profile: Profile {
                name: Name::organization("acme").unwrap(),
                display_name: DisplayName::parse("Acme").unwrap(),
                description: FreeText::default(),
                icon: FreeText::default(),
            },
            is_default: false,
        });
        let id = organization_id.to_string();
        history.world.execute::<Organization>(&id, create).await;
        let everyone = group::Command::CreateEveryoneGroup { organization_id };
        history.world.execute::<Group>(&id, everyone).await;
        Self {
            history,
            organization_id,
        }
    }

    pub async fn user(&self, name: &str) -> UserId {
        let user_id: UserId = self.history.world.id();
        let create = user::Command::CreateUser {
            username: Name::username(name).unwrap(),
            email: Email::parse(&format!("{name}@example.org")).unwrap(),
            name: RealName::default(),
            login_type: LoginType::None,
            status: Status::Active,
            roles: Vec::new(),
            hashed_password: None,
        };
        self.history
            .world
            .execute::<User>(&user_id.to_string(), create)
            .await;
        user_id
    }

    pub async fn join(&self, user_id: UserId) {
        let organization_id = self.organization_id;
        let add = organization_member::Command::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        };
        self.member(user_id, add).await;
    }

    pub async fn leave(&self, user_id: UserId) {
        let organization_id = self.organization_id;
        let remove = organization_member::Command::RemoveOrganizationMember {
            organization_id,
            user_id,
        };
        self.member(user_id, remove).await;
    }

    async fn member(&self, user_id: UserId, command: organization_member::Command) {
        let id = organization_member::stream_id(self.organization_id, user_id);
        self.history
            .world
            .execute::<OrganizationMember>(&id, command)
            .await;
    }

    pub async fn group(&self, name: &str, quota_allowance: i64) -> GroupId {
        let id: GroupId = self.history.world.id();
        let settings = Settings {
            name: Name::group(name).unwrap(),
            quota_allowance: QuotaAllowance::new(quota_allowance).unwrap(),
            ..Settings::default()
        };
        let group = Group::new(self.organization_id, settings, Source::User);
        self.history
            .world
            .execute::<Group>(&id.to_string(), group::Command::CreateGroup(group))
            .await;
        id
    }

    pub async fn update(&self, group_id: GroupId, update: UpdateGroup) {
        let command = group::Command::UpdateGroup(update);
        self.history
            .world
            .execute::<Group>(&group_id.to_string(), command)
            .await;
    }

    pub async fn add(&self, group_id: GroupId, user_ids: &[UserId]) {
        let add = user_ids.to_vec();
        self.update(
            group_id,
            UpdateGroup {
                add,
                ..UpdateGroup::default()
            },
        )
        .await;
    }

    /// The members and their number, as the read model has them.
    pub async fn members(&self, group_id: GroupId) -> (BTreeSet<UserId>, i64) {
        self.history.settle().await;
        let pool = self.history.projections.pool();
        let found = groups::list(pool, &GroupFilter::by_id(group_id)).await;
        let members = groups::members(pool, &[group_id], None, None, 0).await;
        let ids = members.unwrap().remove(&group_id).unwrap_or_default();
        (
            ids.into_iter().map(|member| member.id).collect(),
            found.unwrap()[0].member_count,
        )
    }

    pub async fn names(&self, filter: GroupFilter) -> Vec<String> {
        let pool = self.history.projections.pool();
        let found = groups::list(pool, &filter).await.unwrap();
        let name = |group: groups::Group| group.state.settings.name.into();
        found.into_iter().map(name).collect()
    }

    pub async fn verified(self) {
        self.history.settle().await;
        assert_verified(&self.history.projections).await;
        self.history.projections.stop().await;
    }
}
