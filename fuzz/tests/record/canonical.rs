use chancery_fuzz::fuzz;
use chancery_ledger::{Unrecordable, canonical_text};
use serde_json::Value;

const WORDS: [&str; 8] = [
    "{\"a\":1,\"b\":[]}",
    "\\u0000",
    "\\u20ac",
    "\\ud83d\\ude00",
    "9007199254740992",
    "1.5",
    "-0",
    "\",\"",
];

#[test]
fn recorded_json_is_in_the_form_of_rfc_8785_and_says_the_same() {
    fuzz(include_str!("../../corpus/json.txt"), &WORDS, |input| {
        let Ok(value) = serde_json::from_str::<Value>(input) else {
            return;
        };
        match canonical_text(&value) {
            Ok(text) => {
                assert_eq!(text, serde_json_canonicalizer::to_string(&value).unwrap());
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
                assert_eq!(canonical_text(&value).unwrap(), text);
            }
            Err(Unrecordable::Number(number)) => {
                let number: f64 = number.parse().unwrap();
                assert!(number.fract() != 0.0 || number.abs() > 9e15 || number == 0.0);
            }
            Err(Unrecordable::Nul) => assert!(input.contains("\\u0000")),
            Err(error) => panic!("{error}"),
        }
    });
}
