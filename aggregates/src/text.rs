//! Free text for people.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::validation::InvalidValue;

const MAX_LENGTH: usize = 4096;

/// A description, or the URL or path of an icon: at most 4096 bytes, without control characters other than line breaks
/// and tabs (a NUL could be recorded, but never stored in a read model). May be empty. Reads back unchecked, like a
/// [`Name`](crate::name::Name).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FreeText(String);

impl FreeText {
    /// Checks a text.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if value.len() > MAX_LENGTH || value.chars().any(forbidden) {
            return Err(InvalidValue::new("free_text", value));
        }
        Ok(Self(value.to_owned()))
    }

    /// A text that stricter rules have let pass.
    pub(crate) fn of_checked(text: String) -> Self {
        Self(text)
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is found by what it says.
impl Borrow<str> for FreeText {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<FreeText> for String {
    fn from(text: FreeText) -> Self {
        text.0
    }
}

/// Whether a character is not seen itself but steers what is: controls and formats (Unicode's categories Cc, Cf, Zl and Zp).
pub fn is_unseen(character: char) -> bool {
    // Most of what is asked about is ASCII, and the table of categories is slow.
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_line_breaks_are_accepted() {
        for value in ["", "/emojis/1f511.png", "one\r\n\ttwo", &"x".repeat(4096)] {
            assert_eq!(FreeText::parse(value).unwrap().as_str(), value);
        }
    }

    #[test]
    fn control_characters_and_long_texts_are_refused() {
        for value in ["a\0b", "\u{1b}[31m", &"x".repeat(4097)] {
            assert_eq!(FreeText::parse(value).unwrap_err().tag, "free_text");
        }
    }
}
