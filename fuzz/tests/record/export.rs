use std::io::Cursor;

use chancery_fuzz::fuzz;
use chancery_ledger::{Evidence, verify_export};

const WORDS: [&str; 6] = [
    "\n",
    "\"position\":",
    "\"hash\":\"",
    "\\u0000",
    "{\"format\":",
    "2",
];

fn events(export: &str) -> Option<&str> {
    Some(export.split_once('\n')?.1)
}

#[test]
fn an_export_that_is_found_intact_has_the_events_that_were_recorded() {
    let corpus = include_str!("../../corpus/export.txt");
    let genuine: Vec<String> = corpus
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for export in &genuine {
        verify_export(Cursor::new(export), &Evidence::default(), |_| {}).unwrap();
    }
    fuzz(corpus, &WORDS, |input| {
        let verified = verify_export(Cursor::new(input), &Evidence::default(), |_| {});
        if verified.is_ok() {
            assert!(genuine.iter().any(|export| events(export) == events(input)));
        }
    });
}
