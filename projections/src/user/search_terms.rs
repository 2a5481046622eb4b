//! Three characters in a row: what narrows a search for a part of a name.
//!
//! A part of three characters or more is in a name only if all of its terms are the name's, which an index answers; whether it is
//! really there is then looked up in the few names that are left.

use std::collections::BTreeSet;

const LENGTH: usize = 3;

/// The terms of several lower-case texts together, sorted. A text of fewer than three characters has none.
pub(super) fn search_terms(texts: &[&str]) -> Vec<String> {
    let mut terms = BTreeSet::new();
    for text in texts {
        let characters: Vec<char> = text.chars().collect();
        terms.extend(
            characters
                .windows(LENGTH)
                .map(|window| window.iter().collect::<String>()),
        );
    }
    terms.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_every_three_characters_in_a_row_once() {
        assert_eq!(search_terms(&["adada"]), ["ada", "dad"]);
        assert_eq!(search_terms(&["ab", "äöü"]), ["äöü"]);
    }

    #[test]
    fn the_terms_of_a_part_are_among_those_of_the_whole() {
        let whole = search_terms(&["ada-lovelace", "ada@example.org"]);
        for term in search_terms(&["lovel"]) {
            assert!(whole.contains(&term));
        }
        assert!(
            !whole.contains(&"cea".to_owned()),
            "terms do not reach from one text into the next"
        );
    }
}
