//! Which event types there are, by aggregate type.

use cqrs_es::Aggregate;

use crate::{
    api_key, deployment, group, login_refusal, oauth2_app, oauth2_grant, organization,
    organization_member, user,
};

/// Every aggregate type with the types of its events.
pub const EVENT_TYPES: &[(&str, &[&str])] = &[
    (api_key::ApiKey::TYPE, api_key::Event::TYPES),
    (deployment::Deployment::TYPE, deployment::Event::TYPES),
    (group::Group::TYPE, group::Event::TYPES),
    (
        login_refusal::LoginRefusal::TYPE,
        login_refusal::Event::TYPES,
    ),
    (oauth2_app::OAuth2App::TYPE, oauth2_app::Event::TYPES),
    (oauth2_grant::OAuth2Grant::TYPE, oauth2_grant::Event::TYPES),
    (organization::Organization::TYPE, organization::Event::TYPES),
    (
        organization_member::OrganizationMember::TYPE,
        organization_member::Event::TYPES,
    ),
    (user::User::TYPE, user::Event::TYPES),
];
