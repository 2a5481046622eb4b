//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The only method that is supported, as it is written on the wire and in events.
pub const S256: &str = "S256";
/// The length of a base64url SHA-256: the only length of an S256 challenge.
const CHALLENGE_LENGTH: usize = 43;
const VERIFIER_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// A code challenge of method S256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChallenge(String);

/// Why a challenge is refused at the authorization endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChallenge {
    /// `plain`, or a method nobody knows (docs/contract/oauth2.md 4.4 step 2).
    #[error("Invalid code_challenge_method: only S256 is supported")]
    UnsupportedMethod,
    /// Not the base64url form of a SHA-256, so that no verifier could ever meet it.
    #[error("Invalid code_challenge: must be 43 characters of the base64url alphabet")]
    Syntax,
    /// A method without a challenge.
    #[error("Invalid code_challenge_method: code_challenge is missing")]
    MethodWithoutChallenge,
}

impl CodeChallenge {
    /// Reads the two parameters of an authorization request. An empty parameter counts as absent (RFC 6749 3.1); an
    /// absent method means S256 (docs/contract/oauth2.md 4.1).
    pub fn from_parameters(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, InvalidChallenge> {
        let challenge = challenge.filter(|value| !value.is_empty());
        let method = method.filter(|value| !value.is_empty());
        if method.is_some_and(|method| method != S256) {
            return Err(InvalidChallenge::UnsupportedMethod);
        }
        match (challenge, method) {
            (Some(challenge), _) => Self::parse(challenge).map(Some),
            (None, Some(_)) => Err(InvalidChallenge::MethodWithoutChallenge),
            (None, None) => Ok(None),
        }
    }

    fn parse(challenge: &str) -> Result<Self, InvalidChallenge> {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if challenge.len() == CHALLENGE_LENGTH && challenge.bytes().all(base64url) {
            Ok(Self(challenge.to_owned()))
        } else {
            Err(InvalidChallenge::Syntax)
        }
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A presented code verifier of any form. It is a secret: `Debug` is redacted, and no event takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// Takes a verifier as it was presented; [`verify`] judges it.
    pub fn new(presented: impl Into<String>) -> Self {
        Self(presented.into())
    }

    /// Whether nothing was presented.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this verifier meets `challenge`.
    pub fn meets(&self, challenge: &str) -> bool {
        verify(challenge, &self.0)
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(..)")
    }
}

/// The S256 challenge of a verifier (RFC 7636 4.2).
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whether `verifier` has the syntax of RFC 7636 4.1 (43 to 128 unreserved characters) and `challenge` is its S256
/// challenge. The comparison takes constant time.
pub fn verify(challenge: &str, verifier: &str) -> bool {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    VERIFIER_LENGTH.contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && challenge_of(verifier)
            .as_bytes()
            .ct_eq(challenge.as_bytes())
            .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_rfc_7636_appendix_b_verifier_has_the_rfc_challenge() {
        assert_eq!(challenge_of(VERIFIER), CHALLENGE);
    }

    #[test]
    fn verify_pkce_cases_of_the_seed() {
        for (case, challenge, verifier, expected) in [
            ("ValidPKCE", CHALLENGE, VERIFIER, true),
            ("InvalidPKCE", CHALLENGE, "wrong_verifier", false),
            ("EmptyChallenge", "", VERIFIER, false),
            ("EmptyVerifier", CHALLENGE, "", false),
            ("BothEmpty", "", "", false),
        ] {
            assert_eq!(verify(challenge, verifier), expected, "{case}");
        }
    }

    #[test]
    fn a_verifier_of_wrong_syntax_never_meets_its_own_challenge() {
        for verifier in [
            "x".repeat(42),
            "x".repeat(129),
            format!("{}+", "x".repeat(50)),
            "ä".repeat(43),
        ] {
            assert!(!verify(&challenge_of(&verifier), &verifier), "{verifier:?}");
        }
        for verifier in ["x".repeat(43), "-._~".repeat(32)] {
            assert!(verify(&challenge_of(&verifier), &verifier), "{verifier:?}");
        }
    }

    #[test]
    fn a_challenge_of_another_well_formed_verifier_is_not_met() {
        assert!(!CodeVerifier::new("x".repeat(43)).meets(CHALLENGE));
        assert!(CodeVerifier::new(VERIFIER).meets(CHALLENGE));
    }

    #[test]
    fn a_challenge_without_method_is_s256() {
        for method in [None, Some(""), Some("S256")] {
            let challenge = CodeChallenge::from_parameters(Some(CHALLENGE), method)
                .unwrap()
                .unwrap();
            assert_eq!(challenge.as_str(), CHALLENGE);
        }
        assert_eq!(CodeChallenge::from_parameters(None, None), Ok(None));
        assert_eq!(CodeChallenge::from_parameters(Some(""), Some("")), Ok(None));
    }

    #[test]
    fn plain_and_unknown_methods_are_refused_with_or_without_a_challenge() {
        for method in ["plain", "s256", "S512"] {
            for challenge in [None, Some(CHALLENGE)] {
                assert_eq!(
                    CodeChallenge::from_parameters(challenge, Some(method)),
                    Err(InvalidChallenge::UnsupportedMethod)
                );
            }
        }
        assert_eq!(
            CodeChallenge::from_parameters(None, Some("S256")),
            Err(InvalidChallenge::MethodWithoutChallenge)
        );
    }

    #[test]
    fn a_challenge_that_no_verifier_can_meet_is_refused() {
        for challenge in [
            &CHALLENGE[1..],
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
        ] {
            assert_eq!(
                CodeChallenge::from_parameters(Some(challenge), None),
                Err(InvalidChallenge::Syntax)
            );
        }
    }

    #[test]
    fn debug_never_prints_the_verifier() {
        assert_eq!(
            format!("{:?}", CodeVerifier::new(VERIFIER)),
            "CodeVerifier(..)"
        );
    }
}
