use chancery::http::base::search_query::SearchQuery;
use chancery_fuzz::fuzz;
use chrono::Datelike as _;
use uuid::Uuid;

const WORDS: [&str; 11] = [
    "status:",
    "name:\"",
    "from:2024-02-29",
    "to:+262142-12-31",
    "last_seen_before:\"2024-02-29T12:00:00Z\"",
    "user:5eed0000-0000-4000-8000-000000000000",
    "owner,auditor",
    ":",
    "::",
    "\"",
    " ",
];

#[test]
fn every_term_is_taken_once_or_refused() {
    fuzz(include_str!("../../corpus/q.txt"), &WORDS, |input| {
        let mut query = SearchQuery::parse(input, "word");
        let words = query.list("word");
        query.text("name");
        query.list_of("status", &["active", "dormant"]);
        query.timestamp("last_seen_before");
        let days = [query.day_start("from"), query.day_end("to")];
        assert!(
            days.iter()
                .flatten()
                .all(|day| (0..10_000).contains(&day.year()))
        );
        query.uuid::<Uuid>("user");
        query.integer("build");
        query.one_of("action", &["create", "delete"]);
        let is_plain = !input.contains([':', '"', ',']);
        if is_plain {
            let expected: Vec<String> = input.split_whitespace().map(str::to_lowercase).collect();
            assert_eq!(words.unwrap_or_default(), expected);
            assert_eq!(query.finish(), Ok(()));
        } else if let Err(invalid) = query.finish() {
            assert!(!invalid.is_empty());
        }
    });
}

#[test]
fn what_is_quoted_is_one_value_as_it_is() {
    fuzz(include_str!("../../corpus/q.txt"), &WORDS, |input| {
        let quoted = input.replace('"', "");
        let mut query = SearchQuery::parse(&format!("name:\"{quoted}\" other:x"), "word");
        let value = Some(quoted).filter(|value| !value.is_empty());
        assert_eq!(query.text("name"), value);
        assert_eq!(query.text("other").as_deref(), Some("x"));
        assert_eq!(query.finish(), Ok(()));
    });
}
