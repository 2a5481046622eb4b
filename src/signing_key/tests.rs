use chancery_ledger::Position;

use super::*;

fn file(dir: &tempfile::TempDir) -> SigningKeyFile {
    SigningKeyFile(dir.path().join(NAME))
}

#[test]
fn a_key_is_made_once_and_readable_by_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(&dir);
    assert!(file.load().unwrap().is_none());
    let made = file.load_or_create(Randomness).unwrap();
    let again = file.load_or_create(Randomness).unwrap();
    assert_eq!(made.public("log"), again.public("log"));
    assert_eq!(fs::metadata(file.path()).unwrap().mode() & 0o777, MODE);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = file(&dir);
    file.load_or_create(Randomness).unwrap();
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(file.load(), Err(SigningKeyError::Exposed { .. })));
}

#[test]
fn what_was_signed_last_is_remembered_and_never_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(&dir);
    assert_eq!(file.last_signed().unwrap(), None);
    let mut signed = LastSigned {
        origin: "log".to_owned(),
        position: Position(7),
        root: [1; 32],
        hash: [2; 32],
    };
    for position in [7, 8] {
        signed.position = Position(position);
        file.remember(&signed).unwrap();
        assert_eq!(file.last_signed().unwrap().as_ref(), Some(&signed));
    }
    fs::write(file.memory(), b"{").unwrap();
    assert!(matches!(
        file.last_signed(),
        Err(SigningKeyError::Memory { .. })
    ));
}

#[test]
fn a_prepared_key_takes_the_place_when_it_is_adopted() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(&dir);
    file.load_or_create(Randomness).unwrap();
    let next = SigningKey::from_seed([3; 32]);
    file.prepare_next(&next).unwrap();
    let public = |key: Option<SigningKey>| key.unwrap().public("log");
    assert_ne!(public(file.load().unwrap()), next.public("log"));
    assert_eq!(public(file.load_next().unwrap()), next.public("log"));
    file.adopt_next().unwrap();
    assert_eq!(public(file.load().unwrap()), next.public("log"));
    assert!(file.load_next().unwrap().is_none());
}
