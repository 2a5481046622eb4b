use chancery_aggregates::name::{DisplayName, Name, RealName, TokenName};
use chancery_fuzz::fuzz;

const WORDS: [&str; 5] = [
    "new",
    "create",
    "Everyone",
    "a-b",
    "abcdefghijklmnopqrstuvwxyz",
];

/// Letters and digits, joined by single hyphens.
fn name_form(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && !matches!(text, "" | "new" | "create")
}

#[test]
fn a_name_is_letters_and_digits_joined_by_single_hyphens() {
    fuzz(include_str!("../../corpus/name.txt"), &WORDS, |input| {
        for (parsed, longest) in [
            (Name::username(input), 32),
            (Name::organization(input), 32),
            (Name::oauth2_app(input), 32),
            (Name::group(input), 36),
        ] {
            assert_eq!(parsed.is_ok(), name_form(input) && input.len() <= longest);
            if let Ok(name) = parsed {
                assert_eq!(name.as_str(), input);
            }
        }
    });
}

#[test]
fn a_text_for_people_has_no_control_characters_and_no_space_around_it() {
    fuzz(include_str!("../../corpus/name.txt"), &WORDS, |input| {
        let length = input.chars().count();
        let clean = !input.contains(char::is_control)
            && !input.starts_with(char::is_whitespace)
            && !input.ends_with(char::is_whitespace);
        assert_eq!(DisplayName::parse(input).is_ok(), clean && length <= 64);
        assert_eq!(DisplayName::group(input).is_ok(), clean && length <= 64);
        assert_eq!(RealName::parse(input).is_ok(), clean && length <= 128);
        assert_eq!(
            TokenName::parse(input).is_ok(),
            clean && (1..=64).contains(&length)
        );
        if let Ok(name) = RealName::parse(input) {
            assert_eq!(name.as_str(), input);
            assert_eq!(format!("{name:?}"), "RealName(..)");
        }
    });
}
