//! The domain: commands in, events out. No I/O, no clock, no randomness.
//!
//! Each noun has a folder with what it is, its [`Command`](oauth2_grant::Command)s, events and errors, and two lines here. Everything
//! non-deterministic (ids, hashes, times) enters with a command; raw secrets never do. Values are validated before they
//! enter a command by the typed value modules ([`name`], [`email`], [`oauth2`]); events hold plain strings, so that a
//! stricter rule never makes a recorded event unreadable.

pub mod api_key;
pub mod audit;
pub mod deployment;
pub mod email;
pub mod group;
pub mod idp_sync;
pub mod license;
pub mod login_refusal;
pub mod login_type;
pub mod name;
pub mod oauth2;
pub mod oauth2_app;
pub mod oauth2_grant;
pub mod oauth2_settings;
pub mod organization;
pub mod organization_member;
pub mod password_hash;
mod patch;
pub mod personal;
pub mod provisioner_daemon;
pub mod provisioner_key;
pub mod provisioner_tags;
pub mod quiet_hours;
pub mod refusal;
pub mod text;
pub mod user;
pub mod validation;

/// The nouns of [`idp_sync`].
pub use idp_sync::{group_sync, organization_sync, role_sync};

pub use chancery_noun::{Id, Life, Noun, UniqueKey};
pub use personal::Personal;
pub use refusal::{Refusal, RefusalClass};

/// The list of nouns. Event types, streams, fixtures and read models go by it.
pub mod nouns {
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
        oauth2_settings::OAuth2Settings,
        organization::Organization,
        organization_member::OrganizationMember,
        organization_sync::OrganizationSync,
        provisioner_daemon::ProvisionerDaemon,
        provisioner_key::ProvisionerKey,
        role_sync::RoleSync,
        user::User,
    }
}
