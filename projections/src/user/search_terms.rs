//! Up to three characters in a row: what narrows a search for a part of a name.
//!
//! A part is in a name only if all of its terms are the name's, which an index answers; whether a part of more than three
//! characters is really there is then looked up in the few names that are left.

use std::collections::BTreeSet;

const LONGEST: usize = 3;

/// The longest terms whose users are counted as they come and go.
const COUNTED: usize = 2;

/// Every term of several lower-case texts together, sorted.
pub(super) fn search_terms(texts: &[&str]) -> Vec<String> {
    let mut terms = BTreeSet::new();
    for text in texts {
        for length in 1..=LONGEST {
            terms.extend(windows(text, length));
        }
    }
    terms.into_iter().collect()
}

/// The terms that a text must have for a lower-case part to be in it; none of an empty part.
pub(super) fn sought_terms(part: &str) -> Vec<String> {
    let length = part.chars().count().min(LONGEST);
    let terms: BTreeSet<String> = windows(part, length).into_iter().collect();
    terms.into_iter().collect()
}

/// Whether a term, or a part that is one, is counted.
pub(super) fn is_counted(term: &str) -> bool {
    (1..=COUNTED).contains(&term.chars().count())
}

fn windows(text: &str, length: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    // No window has no characters.
    characters
        .windows(length.max(1))
        .map(|window| window.iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_up_to_three_characters_in_a_row_once() {
        let expected = ["a", "ad", "ada", "d", "da", "dad"];
        assert_eq!(search_terms(&["adada"]), expected);
        assert_eq!(search_terms(&["äö"]), ["ä", "äö", "ö"]);
        assert_eq!(search_terms(&[""]), [""; 0]);
    }

    #[test]
    fn the_terms_of_a_part_are_among_those_of_the_whole() {
        let whole = search_terms(&["ada-lovelace", "ada@example.org"]);
        for part in ["lovel", "ce", "@", "ada"] {
            assert!(!sought_terms(part).is_empty());
            for term in sought_terms(part) {
                assert!(whole.contains(&term), "{term}");
            }
        }
        assert!(
            !whole.contains(&"cea".to_owned()),
            "terms do not reach from one text into the next"
        );
    }

    #[test]
    fn a_part_of_one_or_two_characters_is_a_counted_term_itself() {
        for part in ["x", "xy", "äö"] {
            assert_eq!(sought_terms(part), [part]);
            assert!(is_counted(part));
        }
        assert!(!is_counted("") && !is_counted("abc"));
        assert_eq!(sought_terms(""), [""; 0]);
    }
}
