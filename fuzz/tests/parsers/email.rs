use chancery_aggregates::email::{Email, folded};
use chancery_fuzz::fuzz;

const WORDS: [&str; 6] = [
    "ada",
    "@",
    "example.org",
    "xn--bcher-kva.example",
    "+tag",
    "localhost",
];

#[test]
fn an_address_is_one_local_part_at_one_domain() {
    fuzz(include_str!("../../corpus/email.txt"), &WORDS, |input| {
        let Ok(email) = Email::parse(input) else {
            return;
        };
        assert_eq!(email.as_str(), input);
        assert!(input.len() <= 254);
        assert!(!input.contains(|c: char| c.is_whitespace()
            || c.is_control()
            || "\"(),:;<>[\\]".contains(c)));
        let parts: Vec<&str> = input.split('@').collect();
        let [local, domain] = parts[..] else {
            panic!("not one @");
        };
        assert!((1..=64).contains(&local.len()));
        for part in [local, domain] {
            assert!(!part.starts_with('.') && !part.ends_with('.') && !part.contains(".."));
        }
        assert!(!domain.is_empty() && !domain.contains('_'));
        let key = folded(email.as_str());
        assert_eq!(folded(&key), key);
        assert_eq!(format!("{email:?}"), "Email(..)");
    });
}
