use chancery_aggregates::oauth2::pkce::{CodeChallenge, challenge_of, verify};
use chancery_fuzz::fuzz;

/// RFC 7636 appendix B.
const WORDS: [&str; 3] = [
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "S256",
];

#[test]
fn a_challenge_is_43_characters_of_base64url() {
    fuzz(include_str!("../../corpus/pkce.txt"), &WORDS, |input| {
        let fits = input.chars().count() == 43
            && input
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        match CodeChallenge::from_parameters(Some(input), Some("S256")) {
            Ok(Some(challenge)) => {
                assert!(fits);
                assert_eq!(challenge.as_str(), input);
            }
            // An empty parameter counts as an absent one; then the method is one too many.
            Ok(None) => unreachable!("a method was given"),
            Err(_) => assert!(!fits),
        }
    });
}

#[test]
fn a_verifier_meets_its_own_challenge_alone_and_only_when_it_is_well_formed() {
    fuzz(include_str!("../../corpus/pkce.txt"), &WORDS, |input| {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let fits = (43..=128).contains(&input.chars().count()) && input.chars().all(unreserved);
        let challenge = challenge_of(input);
        assert_eq!(verify(&challenge, input), fits);
        assert!(!verify(&challenge[1..], input));
        assert!(!verify(&challenge_of("another"), input));
        assert!(CodeChallenge::from_parameters(Some(&challenge), None).is_ok());
    });
}
