use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::{Request, StatusCode};
use chancery::http::base::Json;
use chancery_fuzz::fuzz;
use futures::executor::block_on;
use serde_json::Value;

const WORDS: [&str; 8] = [
    "{\"email\":\"",
    "\\u0000",
    "\\\\u0000",
    "\\ud800",
    "[[[[[[[[",
    "1e400",
    "null",
    "\":",
];

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[test]
fn a_body_is_what_any_reader_of_json_reads_and_holds_no_nul() {
    fuzz(include_str!("../../corpus/json.txt"), &WORDS, |input| {
        let request = Request::new(Body::from(input.to_owned()));
        let otherwise: Result<Value, _> = serde_json::from_str(input);
        match block_on(Json::<Value>::from_request(request, &())) {
            Ok(Json(value)) => {
                assert!(!has_nul(&value));
                assert_eq!(value, otherwise.unwrap());
            }
            Err(error) => {
                assert_eq!(error.status, StatusCode::BAD_REQUEST);
                assert!(otherwise.is_err() || otherwise.is_ok_and(|value| has_nul(&value)));
            }
        }
    });
}
