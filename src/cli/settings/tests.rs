use super::*;

fn command() -> Command {
    let serve = Command::new("serve")
        .arg(Arg::new("url").long("url").env("APP_URL"))
        .arg(Arg::new("key-file").long("key-file").env("APP_KEY_FILE"))
        .arg(
            Arg::new("open")
                .long("open")
                .env("APP_OPEN")
                .action(ArgAction::SetTrue),
        );
    Command::new("app")
        .subcommand(serve)
        .subcommand(Command::new("other"))
}

fn given(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn read_file(text: &str) -> Result<BTreeMap<String, Found>, SettingsError> {
    read(&command(), Some(file(text).path()), &|_| None)
}

#[test]
fn settings_of_a_file_become_flags_of_their_command() {
    let found = read_file("# comment\n\nAPP_URL = \"http://a b\"\nAPP_OPEN=true\n").unwrap();
    let arguments = with(&command(), given("app serve --last"), &found);
    assert_eq!(arguments[2], "--url=http://a b");
    assert_eq!(arguments[3..], given("--open --last"));
    assert_eq!(
        with(&command(), given("app other"), &found),
        given("app other")
    );
    assert_eq!(
        with(&command(), given("app --help"), &found),
        given("app --help")
    );
}

#[test]
fn flags_and_the_environment_come_first() {
    let found = read_file("APP_URL=file").unwrap();
    for said in ["app serve --url mine", "app serve --url=mine"] {
        assert_eq!(with(&command(), given(said), &found), given(said));
    }
    let path = file("APP_URL=file");
    let set = |name: &str| (name == "APP_URL").then(|| "environment".to_owned());
    assert!(
        read(&command(), Some(path.path()), &set)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_secret_is_read_from_its_own_file() {
    let secret = file("from a file\n");
    let path = secret.path().display().to_string();
    let set = |name: &str| (name == "APP_URL_FILE").then(|| path.clone());
    let found = read(&command(), Some(Path::new("")), &set).unwrap();
    assert_eq!(found["APP_URL"].value, "from a file");
    let found = read_file(&format!("APP_URL_FILE={path}")).unwrap();
    assert_eq!(
        found["APP_URL"],
        Found {
            value: "from a file".to_owned(),
            place: path
        }
    );
}

#[test]
fn a_setting_whose_own_name_ends_like_that_is_no_file_of_another() {
    let found = read_file("APP_KEY_FILE=/not/there").unwrap();
    assert_eq!(found["APP_KEY_FILE"].value, "/not/there");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let said = |text: &str| read_file(text).unwrap_err().to_string();
    assert!(said("APP_URL=a\nAPP_ULR=b").ends_with(":2: there is no setting APP_ULR"));
    assert!(said("APP_URL").ends_with(":1: expected NAME=VALUE"));
    let missing = read(&command(), Some(Path::new("/not/there")), &|_| None);
    assert!(matches!(missing, Err(SettingsError::Read { .. })));
}

#[test]
fn the_file_may_be_named_by_a_flag() {
    for text in ["app serve --config /a/b", "app serve --config=/a/b"] {
        assert_eq!(named_file(&given(text)), Some("/a/b".into()));
    }
    assert_eq!(named_file(&given("app serve --last")), None);
}
