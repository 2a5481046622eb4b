//! Which passwords are taken (docs/contract/core.md 3.3 leaves the rule open).

const PASSWORD_MIN: usize = 8;
/// The longest password taken, in bytes. Longer ones only cost hashing time.
pub const PASSWORD_MAX: usize = 1024;

/// Passwords so common that they are tried first by anyone who guesses; compared in lower case.
const COMMON_PASSWORDS: &[&str] = &[
    "00000000",
    "11111111",
    "12345678",
    "123456789",
    "1234567890",
    "1q2w3e4r",
    "abcd1234",
    "abcdefgh",
    "admin123",
    "administrator",
    "changeme",
    "iloveyou",
    "letmein1",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "sunshine",
    "superman",
    "trustno1",
    "welcome1",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 8 characters.
    #[error("Password must have at least {PASSWORD_MIN} characters.")]
    Short,
    /// More than 1024 bytes.
    #[error("Password must have at most {PASSWORD_MAX} bytes.")]
    Long,
    /// One character repeated.
    #[error("Password must not be one character repeated.")]
    Repeated,
    /// On the list of the commonest passwords.
    #[error("Password is one of the most common ones.")]
    Common,
}

/// Takes a password of 8 characters or more (at most 1024 bytes) that is neither one character repeated nor one of the commonest.
pub fn check_password(password: &str) -> Result<(), WeakPassword> {
    let mut characters = password.chars();
    let first = characters.next();
    if password.chars().count() < PASSWORD_MIN {
        return Err(WeakPassword::Short);
    }
    if password.len() > PASSWORD_MAX {
        return Err(WeakPassword::Long);
    }
    if characters.all(|character| Some(character) == first) {
        return Err(WeakPassword::Repeated);
    }
    if COMMON_PASSWORDS.contains(&password.to_lowercase().as_str()) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_named_by_their_weakness() {
        assert_eq!(check_password("short"), Err(WeakPassword::Short));
        assert_eq!(check_password(""), Err(WeakPassword::Short));
        assert_eq!(check_password("zzzzzzzzzz"), Err(WeakPassword::Repeated));
        assert_eq!(check_password("Password123"), Err(WeakPassword::Common));
        assert_eq!(check_password(&"ab".repeat(513)), Err(WeakPassword::Long));
        assert_eq!(check_password("SomeSecurePassword!"), Ok(()));
    }
}
