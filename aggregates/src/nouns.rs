//! The list of nouns. Event types, streams, fixtures and read models go by it; a new noun is one line here.

use chancery_noun::{EventTypes, Noun, NounVisitor, domain_event};

use crate::audit::AuditedVisitor;

macro_rules! nouns {
    ($($module:ident::$noun:ident),+ $(,)?) => {
        $(domain_event!(crate::$module::Event, crate::$module::$noun);)+

        /// Every aggregate type with the types of its events.
        pub const EVENT_TYPES: &[(&str, &[&str])] = &[
            $((crate::$module::$noun::TYPE, crate::$module::Event::VARIANTS)),+
        ];

        /// Does something with each noun.
        pub fn visit(visitor: &mut impl NounVisitor) {
            $(visitor.visit::<crate::$module::$noun>();)+
        }

        /// Does something with each noun as the audit trail sees it.
        pub fn visit_audited(visitor: &mut impl AuditedVisitor) {
            $(visitor.visit::<crate::$module::$noun>();)+
        }
    };
}

nouns! {
    api_key::ApiKey,
    deployment::Deployment,
    group::Group,
    group_sync::GroupSync,
    license::License,
    login_refusal::LoginRefusal,
    oauth2_app::OAuth2App,
    oauth2_grant::OAuth2Grant,
    organization::Organization,
    organization_member::OrganizationMember,
    organization_sync::OrganizationSync,
    role_sync::RoleSync,
    user::User,
}
