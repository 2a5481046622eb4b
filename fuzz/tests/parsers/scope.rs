use chancery_aggregates::oauth2::scope::Scope;
use chancery_fuzz::fuzz;

#[test]
fn a_scope_is_printable_ascii_without_quotes_and_backslashes() {
    fuzz(
        include_str!("../../corpus/scope.txt"),
        &["coder:all", "user:read", "offline_access"],
        |input| {
            let fits = input.len() <= 4096
                && input
                    .chars()
                    .all(|c| (' '..='~').contains(&c) && c != '"' && c != '\\');
            let parsed = Scope::parse(input);
            assert_eq!(parsed.is_ok(), fits);
            if let Ok(scope) = parsed {
                assert_eq!(scope.as_str(), input);
            }
        },
    );
}
