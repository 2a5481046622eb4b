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

/// What every reader of JSON takes for the same integer.
const LARGEST: u64 = (1 << 53) - 1;

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
            // What one reader takes for 1 is 1.0 to another.
            Err(Unrecordable::Number(number)) => {
                let whole: Result<i64, _> = number.parse();
                assert!(whole.map_or(true, |whole| whole.unsigned_abs() > LARGEST));
            }
            Err(Unrecordable::Nul) => assert!(input.contains("\\u0000")),
            Err(error) => panic!("{error}"),
        }
    });
}
