//! Which passwords are taken (docs/contract/core.md 3.3 leaves the rule open).

use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

const PASSWORD_MIN: usize = 8;
/// The longest password taken, in bytes. Longer ones only cost hashing time.
pub const PASSWORD_MAX: usize = 1024;
/// So many characters must be strong by themselves. What a guess costs is usually found out in less than a millisecond; for text that
/// is made for it, the time grows with the square of the length or worse: 32 characters take 70 ms, 100 take 900 ms.
const LOOKED_AT: usize = 32;

/// Why a password is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 8 characters.
    #[error("Password must have at least {PASSWORD_MIN} characters.")]
    Short,
    /// More than 1024 bytes.
    #[error("Password must have at most {PASSWORD_MAX} bytes.")]
    Long,
    /// A guesser who knows people's habits needs fewer than 10^8 guesses. With what to do about it.
    #[error("Password is easily guessed.{0}")]
    Guessable(String),
}

/// Takes a password of 8 characters or more (at most 1024 bytes) that nobody guesses who knows common passwords, words,
/// keyboard patterns and dates, and how the user is called: `names`, whole or in part. Not for async threads.
pub fn check_password(password: &str, names: &[String]) -> Result<(), WeakPassword> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(WeakPassword::Short);
    }
    if password.len() > PASSWORD_MAX {
        return Err(WeakPassword::Long);
    }
    let names = names.iter().map(String::as_str);
    let known: Vec<&str> = names.clone().flat_map(parts).chain(names).collect();
    let end = password.char_indices().nth(LOOKED_AT);
    let beginning = end.map_or(password, |(end, _)| &password[..end]);
    let guess = zxcvbn(beginning, &known);
    if guess.score() < Score::Three {
        let advice = guess.feedback().map(advice).unwrap_or_default();
        return Err(WeakPassword::Guessable(advice));
    }
    Ok(())
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|character: char| !character.is_alphanumeric())
}

/// What is wrong and what would be better, each sentence after a blank.
fn advice(feedback: &Feedback) -> String {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestions = feedback.suggestions().iter().map(ToString::to_string);
    let sentences = warning.into_iter().chain(suggestions);
    sentences.fold(String::new(), |advice, sentence| {
        format!("{advice} {}.", sentence.trim_end_matches('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_password(
            password,
            &["ada".to_owned(), "ada.lovelace@example.com".to_owned()],
        )
    }

    #[test]
    fn passwords_that_are_too_short_or_too_long_are_named_so() {
        assert_eq!(check("short"), Err(WeakPassword::Short));
        assert_eq!(check(""), Err(WeakPassword::Short));
        assert_eq!(check(&"ab".repeat(513)), Err(WeakPassword::Long));
    }

    #[test]
    fn passwords_that_people_choose_are_refused_with_advice() {
        for password in [
            "zzzzzzzzzz",
            "Password123",
            "p4ssw0rd!",
            "qwertyuiop",
            "letmein2024",
            "ada.lovelace",
            "Ada.Lovelace@Example.com",
        ] {
            let refused = check(password).unwrap_err().to_string();
            let advice = refused.strip_prefix("Password is easily guessed. ");
            assert!(
                advice.is_some_and(|advice| advice.ends_with('.')),
                "{refused}"
            );
            assert!(!refused.contains(password), "{refused}");
        }
    }

    #[test]
    fn passwords_that_nobody_guesses_are_taken() {
        for password in [
            "SomeSecurePassword!",
            "correct horse battery staple",
            "8vT#kq1Zp",
        ] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
        assert_eq!(check(&"8vT#kq1Z".repeat(128)), Ok(()));
    }
}
