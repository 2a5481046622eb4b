//! E-mail addresses.

use std::fmt;

use crate::validation::{InvalidValue, REQUIRED};

/// The longest address that can be delivered to (RFC 5321 4.5.3.1.3 less the angle brackets).
const MAX_LENGTH: usize = 254;
const LOCAL_PART_MAX: usize = 64;

/// An e-mail address: `local@domain` without quoting, comments, white space or control characters. Kept as written;
/// compared as [`folded`] has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks an address.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        if value.is_empty() {
            return Err(InvalidValue::new(REQUIRED, value));
        }
        if value.len() > MAX_LENGTH || !has_address_form(value) {
            return Err(InvalidValue::new("email", value));
        }
        Ok(Self(value.to_owned()))
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The form in which addresses are compared: A to Z in lower case, all else as it is. Everybody folds the same way then, the database
/// too, whose `lower` goes by its locale: `lower(email COLLATE "C")`.
pub fn folded(email: &str) -> String {
    email.to_ascii_lowercase()
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

fn has_address_form(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let local_valid = local.len() <= LOCAL_PART_MAX
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char));
    let domain_valid = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    local_valid && domain_valid
}

/// RFC 5322 3.2.3 `atext`, and letters beyond ASCII (RFC 6531).
fn is_atom_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_accepted_and_compared_in_lower_case() {
        for address in [
            "Ada@Example.org",
            "a.b+c@x-y.example",
            "root@localhost",
            "jö@büro.example",
        ] {
            let email = Email::parse(address).unwrap();
            assert_eq!(email.as_str(), address);
            assert_eq!(folded(email.as_str()), address.to_lowercase());
        }
        // Not every lower case of every script: whoever folds differently would find another user.
        assert_eq!(folded("ADM\u{130}N@example.org"), "adm\u{130}n@example.org");
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long_local = format!("{}@example.org", "x".repeat(65));
        let long = format!("a@{}.org", "x".repeat(250));
        for value in [
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "a b@c",
            "a@b c",
            "a@-b",
            "a@b-",
            "a@b..c",
            ".a@b",
            "a.@b",
            "a@b\n",
            "a\0@b",
            "<a@b>",
            &long_local,
            &long,
        ] {
            assert_eq!(Email::parse(value).unwrap_err().tag, "email", "{value:?}");
        }
        assert_eq!(Email::parse("").unwrap_err().tag, REQUIRED);
    }

    #[test]
    fn debug_never_prints_the_address() {
        assert_eq!(
            format!("{:?}", Email::parse("ada@example.org").unwrap()),
            "Email(..)"
        );
    }
}
