use chancery_aggregates::oauth2::secret_text::{
    HashedSecret, PrefixedSecret, PresentedApiKey, display_secret,
};
use chancery_fuzz::fuzz;

const WORDS: [&str; 5] = [
    "coder_",
    "abcdeABCDE",
    "0123456789012345678901234567890123456789",
    "_",
    "abcdeABCDE012345678901",
];

fn alphanumeric(text: &str, length: usize) -> bool {
    text.chars().count() == length && text.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn a_code_or_token_is_read_back_as_it_is_written() {
    fuzz(
        include_str!("../../corpus/prefixed_secret.txt"),
        &WORDS,
        |input| {
            let Ok(parsed) = PrefixedSecret::parse(input) else {
                return;
            };
            let secret = input
                .strip_prefix("coder_")
                .unwrap()
                .strip_prefix(&*parsed.prefix)
                .unwrap();
            let secret = secret.strip_prefix('_').unwrap();
            assert!(alphanumeric(&parsed.prefix, 10) && alphanumeric(secret, 40));
            assert_eq!(PrefixedSecret::text(&parsed.prefix, secret), input);
            assert_eq!(parsed.hash, HashedSecret::of(secret));
            assert!(!format!("{parsed:?}").contains(secret));
        },
    );
}

#[test]
fn an_api_key_is_read_back_as_it_is_written() {
    fuzz(include_str!("../../corpus/api_key.txt"), &WORDS, |input| {
        let Ok(parsed) = PresentedApiKey::parse(input) else {
            return;
        };
        let secret = input
            .strip_prefix(&*parsed.id)
            .unwrap()
            .strip_prefix('-')
            .unwrap();
        assert!(alphanumeric(&parsed.id, 10) && alphanumeric(secret, 22));
        assert_eq!(PresentedApiKey::text(&parsed.id, secret), input);
        assert_eq!(parsed.hash, HashedSecret::of(secret));
        assert!(!format!("{parsed:?}").contains(secret));
    });
}

#[test]
fn what_is_shown_of_a_secret_is_its_last_six_characters() {
    fuzz(
        include_str!("../../corpus/prefixed_secret.txt"),
        &WORDS,
        |input| {
            let shown = display_secret(input);
            assert!(input.ends_with(shown));
            assert_eq!(shown.chars().count(), input.chars().count().min(6));
        },
    );
}

#[test]
fn a_hash_is_64_lower_case_hexadecimal_digits() {
    let digest = HashedSecret::of("secret");
    fuzz(
        include_str!("../../corpus/hash.txt"),
        &[digest.as_str()],
        |input| {
            let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            let fits = input.chars().count() == 64 && input.chars().all(digit);
            let parsed = HashedSecret::try_from(input.to_owned());
            assert_eq!(parsed.is_ok(), fits);
            if let Ok(hash) = parsed {
                assert_eq!(hash.as_str(), input);
            }
        },
    );
}
