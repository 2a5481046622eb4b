//! The refusal of a value by a rule of the contract (core.md 1.1 and 1.2).

use std::fmt;

/// A value that a rule refuses. Its text is the contract's `detail` of a validation entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Validation failed for tag \"{tag}\" with value: \"{value}\"")]
pub struct InvalidValue {
    /// The rule.
    pub tag: Tag,
    /// The value as it was sent.
    pub value: String,
}

impl InvalidValue {
    pub(crate) fn new(tag: Tag, value: &str) -> Self {
        Self {
            tag,
            value: value.to_owned(),
        }
    }
}

/// The rules that values can break, named on the wire by [`Tag::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// The value must not be empty.
    Required,
    /// `NameValid` of a user.
    Username,
    /// `NameValid` of an organization.
    OrganizationName,
    /// `NameValid` of an OAuth2 app.
    OAuth2AppName,
    /// `GroupNameValid`.
    GroupName,
    /// `DisplayNameValid`.
    DisplayName,
    /// `DisplayNameValid` of a group.
    GroupDisplayName,
    /// A group's quota allowance: 0 to 2^31 - 1.
    QuotaAllowance,
    /// `UserRealNameValid`.
    UserRealName,
    /// The name of an API token.
    TokenName,
    /// An e-mail address.
    Email,
    /// An absolute http(s) URL with a host.
    HttpUrl,
    /// Free text.
    FreeText,
}

impl Tag {
    /// The tag as it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Username => "username",
            Self::OrganizationName => "organization_name",
            Self::OAuth2AppName => "oauth2_app_name",
            Self::GroupName => "group_name",
            Self::DisplayName => "organization_display_name",
            Self::GroupDisplayName => "group_display_name",
            Self::QuotaAllowance => "quota_allowance",
            Self::UserRealName => "user_real_name",
            Self::TokenName => "token_name",
            Self::Email => "email",
            Self::HttpUrl => "http_url",
            Self::FreeText => "free_text",
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
