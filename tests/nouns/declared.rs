use chancery_aggregates::audit::{Audited, Resource};
use chancery_aggregates::group::Group;
use chancery_aggregates::license::License;
use chancery_aggregates::oauth2_app::OAuth2App;
use chancery_aggregates::organization::Organization;
use chancery_aggregates::provisioner_key::ProvisionerKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{claims, license};

/// Nouns that nobody creates, changes and deletes as such: they begin or end with others, or by other means.
pub const WITHOUT_A_LIFE_OF_THEIR_OWN: [&str; 11] = [
    "api_key",
    "deployment",
    "group_sync",
    "login_refusal",
    "oauth2_grant",
    "oauth2_settings",
    "organization_member",
    "organization_sync",
    "provisioner_daemon",
    "role_sync",
    "user",
];

/// A noun as the API shows it, for an owner.
pub struct Declared {
    /// Name of its streams.
    pub noun_type: &'static str,
    /// What the trail says of it.
    pub resource: &'static Resource,
    /// Where it is made: an operation of the document.
    pub collection: &'static str,
    /// Where one is changed and deleted: an operation that ends in its placeholder.
    pub one: &'static str,
    /// Where it is read.
    pub read: Read,
    /// Whether its creation answers with a secret that is shown once, and not with the thing.
    pub hands_out_a_secret: bool,
    /// The member by which its path names it.
    pub named_by: &'static str,
    /// The member by which the trail knows it.
    pub audited_by: &'static str,
    /// What makes one.
    pub new: fn() -> Value,
    /// What changes it; None: nothing can.
    pub change: Option<(Method, Value)>,
    /// The status of its deletion.
    pub deleted: u16,
}

/// Where a noun is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Alone, where it is changed.
    One,
    /// Among all, where it is made.
    Collection,
}

impl Declared {
    /// A noun that is read alone, known to the trail by its id and never changed, until it says otherwise.
    fn of<N: Audited>(collection: &'static str, one: &'static str, new: fn() -> Value) -> Self {
        Self {
            noun_type: N::TYPE,
            resource: N::RESOURCES[0],
            collection,
            one,
            read: Read::One,
            hands_out_a_secret: false,
            named_by: "id",
            audited_by: "id",
            new,
            change: None,
            deleted: 200,
        }
    }
}

/// Every noun that has a life of its own.
pub fn all() -> Vec<Declared> {
    const CALLBACK: &str = "https://app.example.com/callback";
    vec![
        Declared {
            change: Some((
                Method::PATCH,
                json!({ "name": "crew", "quota_allowance": 7 }),
            )),
            ..Declared::of::<Group>(
                "/api/v2/organizations/{organization}/groups",
                "/api/v2/groups/{group}",
                || json!({ "name": "staff" }),
            )
        },
        Declared {
            read: Read::Collection,
            audited_by: "uuid",
            ..Declared::of::<License>(
                "/api/v2/licenses",
                "/api/v2/licenses/{license}",
                || json!({ "license": license(&claims()) }),
            )
        },
        Declared {
            change: Some((
                Method::PUT,
                json!({ "name": "new-app", "callback_url": CALLBACK }),
            )),
            deleted: 204,
            ..Declared::of::<OAuth2App>(
                "/api/v2/oauth2-provider/apps",
                "/api/v2/oauth2-provider/apps/{app}",
                || json!({ "name": "app", "callback_url": CALLBACK }),
            )
        },
        Declared {
            change: Some((
                Method::PATCH,
                json!({ "name": "apex", "description": "We make it" }),
            )),
            ..Declared::of::<Organization>(
                "/api/v2/organizations",
                "/api/v2/organizations/{organization}",
                || json!({ "name": "acme" }),
            )
        },
        Declared {
            read: Read::Collection,
            hands_out_a_secret: true,
            named_by: "name",
            deleted: 204,
            ..Declared::of::<ProvisionerKey>(
                "/api/v2/organizations/{organization}/provisionerkeys",
                "/api/v2/organizations/{organization}/provisionerkeys/{provisionerkey}",
                || json!({ "name": "builders", "tags": { "region": "eu" } }),
            )
        },
    ]
}
