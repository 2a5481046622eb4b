//! Flags about the synchronisation with an identity provider.

use std::collections::BTreeMap;

use chancery_aggregates::idp_sync::{Mapping, RegexFilter};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::text::FreeText;
use chancery_operations::idp_sync::{GroupSync, InitialSync, OrganizationSync};
use clap::{ArgAction, Args};

/// What is in force until somebody changes the settings by API.
#[derive(Debug, Args)]
#[command(next_help_heading = "Synchronisation with an identity provider, until it is set by API")]
#[expect(clippy::struct_field_names, reason = "a flag has its field's name")]
pub struct IdpSyncArguments {
    /// The claim that says to which groups of the default organization people belong
    #[arg(long, env = "CHANCERY_OIDC_GROUP_FIELD", value_name = "CLAIM", default_value = "", value_parser = text)]
    oidc_group_field: FreeText,

    /// Names of groups in place of the claim's values, as JSON: {"<value>":"<group>"}
    #[arg(long, env = "CHANCERY_OIDC_GROUP_MAPPING", value_name = "JSON", default_value = "{}", value_parser = names)]
    oidc_group_mapping: Names,

    /// A regular expression; names that it does not match count for nothing
    #[arg(long, env = "CHANCERY_OIDC_GROUP_REGEX_FILTER", value_name = "REGEX", value_parser = RegexFilter::parse)]
    oidc_group_regex_filter: Option<RegexFilter>,

    /// Whether a group is made where there is none of a name
    #[arg(long, env = "CHANCERY_OIDC_GROUP_AUTO_CREATE", value_name = "BOOL", action = ArgAction::Set, default_value_t = false)]
    oidc_group_auto_create: bool,

    /// The claim that says to which organizations people belong
    #[arg(long, env = "CHANCERY_OIDC_ORGANIZATION_FIELD", value_name = "CLAIM", default_value = "", value_parser = text)]
    oidc_organization_field: FreeText,

    /// Organizations that the claim's values stand for, as JSON: `{"<value>":["<organization id>"]}`
    #[arg(long, env = "CHANCERY_OIDC_ORGANIZATION_MAPPING", value_name = "JSON", default_value = "{}", value_parser = organizations)]
    oidc_organization_mapping: Mapping<OrganizationId>,

    /// Whether everyone also belongs to the default organization
    #[arg(long, env = "CHANCERY_OIDC_ORGANIZATION_ASSIGN_DEFAULT", value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    oidc_organization_assign_default: bool,
}

/// A name for each of some names.
type Names = BTreeMap<String, String>;

impl IdpSyncArguments {
    /// The settings that they are.
    pub fn settings(self) -> InitialSync {
        InitialSync {
            organizations: OrganizationSync {
                field: self.oidc_organization_field,
                mapping: self.oidc_organization_mapping,
                assign_default: self.oidc_organization_assign_default,
            },
            groups: GroupSync {
                field: self.oidc_group_field,
                regex_filter: self.oidc_group_regex_filter,
                auto_create_missing_groups: self.oidc_group_auto_create,
                legacy_group_name_mapping: self.oidc_group_mapping,
                ..GroupSync::default()
            },
        }
    }
}

fn text(text: &str) -> Result<FreeText, String> {
    FreeText::parse(text).map_err(|error| error.to_string())
}

fn names(json: &str) -> Result<Names, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn organizations(json: &str) -> Result<Mapping<OrganizationId>, String> {
    let sent: BTreeMap<String, Vec<OrganizationId>> =
        serde_json::from_str(json).map_err(|error| error.to_string())?;
    let pairs = sent
        .into_iter()
        .map(|(given, gets)| Ok((text(&given)?, gets)));
    Ok(Mapping(pairs.collect::<Result<_, String>>()?))
}
