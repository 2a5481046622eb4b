//! Ids and secrets that look random and are the same in every run.

use sha2::{Digest, Sha256};
use uuid::Uuid;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters of `[A-Za-z0-9]` for number `number` of `kind`; at most 64.
pub fn text(kind: &str, number: usize, length: usize) -> String {
    let half = |half: u8| digest(kind, number, half).into_iter();
    half(0)
        .chain(half(1))
        .take(length)
        .map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
        .collect()
}

/// A version 4 UUID for number `number` of `kind`.
pub fn uuid(kind: &str, number: usize) -> Uuid {
    let digest = digest(kind, number, 0);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn digest(kind: &str, number: usize, half: u8) -> [u8; 32] {
    Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(number.to_be_bytes())
        .chain_update([half])
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_length_asked_for_and_differ_by_kind_and_number() {
        let names = [text("a", 1, 43), text("a", 2, 43), text("b", 1, 43)];
        assert!(names.iter().all(|name| name.len() == 43));
        assert!(names[0] != names[1] && names[0] != names[2]);
        assert_eq!(uuid("a", 1).get_version_num(), 4);
        assert_ne!(uuid("a", 1), uuid("a", 2));
    }
}
