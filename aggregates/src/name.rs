//! Names, by the rules of docs/contract/core.md 1.2.

use serde::{Deserialize, Serialize};

use crate::validation::{InvalidValue, REQUIRED};

const NAME_MAX: usize = 32;
const GROUP_NAME_MAX: usize = 36;
const DISPLAY_NAME_MAX: usize = 64;
const REAL_NAME_MAX: usize = 128;
const TOKEN_NAME_MAX: usize = 64;
const RESERVED: [&str; 2] = ["new", "create"];

/// A `NameValid` name: 1 to 32 (of a group: 36) ASCII letters and digits in groups joined by single hyphens; not `new`
/// or `create`. Reads back unchecked, so that a stricter rule never makes a recorded event unreadable. The default is the
/// empty name, which no rule lets pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// A user name.
    pub fn username(value: &str) -> Result<Self, InvalidValue> {
        Self::parse(value, NAME_MAX, "username")
    }

    /// The user name that is made of a text which may be none, such as an e-mail address: what stands before the `@`, without
    /// the characters that no name has. `None`: what is left is no name.
    pub fn username_of(text: &str) -> Option<Self> {
        let made = || {
            let local = text.rsplit_once('@').map_or(text, |(local, _)| local);
            let kept = local.chars();
            let kept =
                kept.filter(|character| character.is_ascii_alphanumeric() || *character == '-');
            Self::username(&kept.collect::<String>())
        };
        Self::username(text).or_else(|_| made()).ok()
    }

    /// A user name like this one, for one whose name another has: with `suffix`, which is one by itself.
    pub fn with_suffix(&self, suffix: &str) -> Result<Self, InvalidValue> {
        let room = NAME_MAX.saturating_sub(suffix.len() + 1);
        let kept = self.0.get(..room).unwrap_or(&self.0);
        Self::username(&format!("{}-{suffix}", kept.trim_end_matches('-')))
    }

    /// An organization's name.
    pub fn organization(value: &str) -> Result<Self, InvalidValue> {
        Self::parse(value, NAME_MAX, "organization_name")
    }

    /// An OAuth2 app's name.
    pub fn oauth2_app(value: &str) -> Result<Self, InvalidValue> {
        Self::parse(value, NAME_MAX, "oauth2_app_name")
    }

    /// A group's name. `Everyone` is one, too: that only one group has it is the group's rule.
    pub fn group(value: &str) -> Result<Self, InvalidValue> {
        Self::parse(value, GROUP_NAME_MAX, "group_name")
    }

    /// The name that a client gives itself: a text of which [`client_metadata`](crate::oauth2::client_metadata) has the rules.
    pub(crate) fn of_client(name: String) -> Self {
        Self(name)
    }

    /// A name that the program itself gives.
    pub(crate) fn own(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    fn parse(value: &str, max: usize, tag: &'static str) -> Result<Self, InvalidValue> {
        if value.is_empty() {
            return Err(InvalidValue::new(REQUIRED, value));
        }
        let groups_valid = value.split('-').all(|group| {
            !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if value.len() > max || !groups_valid || RESERVED.contains(&value) {
            return Err(InvalidValue::new(tag, value));
        }
        Ok(Self(value.to_owned()))
    }

    /// The name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text for people: length and white space are limited, and control characters are refused.
fn check_text(value: &str, max_chars: usize, tag: &'static str) -> Result<(), InvalidValue> {
    let fits = value.chars().count() <= max_chars;
    if !fits || value.trim() != value || value.chars().any(char::is_control) {
        return Err(InvalidValue::new(tag, value));
    }
    Ok(())
}

/// A display name: empty, or at most 64 characters without surrounding white space. Reads back unchecked, like a [`Name`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// Checks a display name.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        check_text(value, DISPLAY_NAME_MAX, "organization_display_name")?;
        Ok(Self(value.to_owned()))
    }

    /// Checks a group's display name.
    pub fn group(value: &str) -> Result<Self, InvalidValue> {
        check_text(value, DISPLAY_NAME_MAX, "group_display_name")?;
        Ok(Self(value.to_owned()))
    }

    /// The display name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Name> for DisplayName {
    /// Every name may be shown as it is.
    fn from(name: &Name) -> Self {
        Self(name.0.clone())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

impl From<TokenName> for String {
    fn from(name: TokenName) -> Self {
        name.0
    }
}

/// A person's name: empty, or at most 128 characters without surrounding white space.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RealName(String);

impl RealName {
    /// Checks a person's name.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        check_text(value, REAL_NAME_MAX, "user_real_name")?;
        Ok(Self(value.to_owned()))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RealName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RealName(..)")
    }
}

/// The name of an API token: 1 to 64 characters without surrounding white space. The contract sets no rule; this one
/// keeps unique keys short. Reads back unchecked, like a [`Name`]. The default is the empty name, which a login session has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenName(String);

impl TokenName {
    /// Checks a token's name.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        if value.is_empty() {
            return Err(InvalidValue::new(REQUIRED, value));
        }
        check_text(value, TOKEN_NAME_MAX, "token_name")?;
        Ok(Self(value.to_owned()))
    }

    /// The name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hyphenated_letters_and_digits_are_accepted() {
        for name in [
            "a",
            "A1",
            "a-b",
            "app-1-x",
            "New",
            "Create",
            &"x".repeat(32),
        ] {
            assert_eq!(Name::username(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_break_a_rule_are_refused_with_their_tag_and_value() {
        for name in [
            "new",
            "create",
            "-a",
            "a-",
            "a--b",
            "a b",
            "a_b",
            "ä",
            "a\0",
            &"x".repeat(33),
        ] {
            let refused = Name::oauth2_app(name).unwrap_err();
            assert_eq!(
                refused,
                InvalidValue {
                    tag: "oauth2_app_name",
                    value: name.to_owned()
                }
            );
        }
        assert_eq!(
            Name::oauth2_app("a b").unwrap_err().to_string(),
            r#"Validation failed for tag "oauth2_app_name" with value: "a b""#
        );
    }

    #[test]
    fn group_names_have_at_most_36_characters() {
        assert!(Name::group(&"x".repeat(36)).is_ok());
        for name in ["new", "create", "a b", &"x".repeat(37)] {
            assert_eq!(Name::group(name).unwrap_err().tag, "group_name");
        }
        assert_eq!(
            DisplayName::group(" a").unwrap_err().tag,
            "group_display_name"
        );
    }

    #[test]
    fn a_user_name_is_made_of_an_address_or_of_what_is_none() {
        for (text, name) in [
            ("ada", Some("ada")),
            ("Ada.Lovelace@example.com", Some("AdaLovelace")),
            ("a@b@example.com", Some("ab")),
            ("ada_lovelace", Some("adalovelace")),
            ("grace-h@example.com", Some("grace-h")),
            ("new@example.com", None),
            ("ada-@example.com", None),
            ("_@example.com", None),
            ("", None),
            (&"x".repeat(33), None),
        ] {
            let made = Name::username_of(text);
            assert_eq!(made.as_ref().map(Name::as_str), name, "{text}");
        }
    }

    #[test]
    fn a_name_with_a_suffix_is_not_too_long() {
        let with = |name: &str| Name::username(name).unwrap().with_suffix("x7");
        assert_eq!(with("ada").unwrap().as_str(), "ada-x7");
        let long = with(&"x".repeat(32)).unwrap();
        assert_eq!(long.as_str(), format!("{}-x7", "x".repeat(29)));
        let hyphen = format!("{}-{}", "x".repeat(28), "y".repeat(3));
        assert_eq!(
            with(&hyphen).unwrap().as_str(),
            format!("{}-x7", "x".repeat(28))
        );
    }

    #[test]
    fn an_empty_name_is_missing() {
        let refused = Name::organization("").unwrap_err();
        assert_eq!(
            refused.to_string(),
            r#"Validation failed for tag "required" with value: """#
        );
    }

    #[test]
    fn display_names_may_be_empty_and_have_at_most_64_characters() {
        assert_eq!(DisplayName::parse("").unwrap().as_str(), "");
        assert!(DisplayName::parse(&"ä".repeat(64)).is_ok());
        for name in [&"ä".repeat(65), " a", "a ", "a\0b"] {
            assert_eq!(
                DisplayName::parse(name).unwrap_err().tag,
                "organization_display_name"
            );
        }
    }

    #[test]
    fn real_names_have_at_most_128_characters_and_are_not_printed() {
        assert!(RealName::parse(&"x".repeat(128)).is_ok());
        for name in [&"x".repeat(129), "\tAda", "Ada\u{7}L"] {
            assert_eq!(RealName::parse(name).unwrap_err().tag, "user_real_name");
        }
        assert_eq!(
            format!("{:?}", RealName::parse("Ada").unwrap()),
            "RealName(..)"
        );
    }

    #[test]
    fn token_names_are_neither_empty_nor_long() {
        assert_eq!(TokenName::parse("my laptop").unwrap().as_str(), "my laptop");
        assert_eq!(TokenName::parse("").unwrap_err().tag, REQUIRED);
        assert_eq!(
            TokenName::parse(&"x".repeat(65)).unwrap_err().tag,
            "token_name"
        );
    }
}
