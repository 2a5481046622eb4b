//! Reading a claim (docs/contract/idpsync.md 5.1).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What an identity provider says of a person, by the claims' names.
pub type Claims = Map<String, Value>;

/// Why a claim says nothing of where its subject belongs. The texts are the contract's, with JSON's words for types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A text with a comma, which is never taken apart: a name may have one.
    #[error(
        "invalid claim type. Got a csv string (\"{0}\"), change this claim to return an array of strings instead."
    )]
    Csv(String),
    /// An array with something else than a text in it.
    #[error("invalid claim type. Element {index} expected a string, got: {got}")]
    Element {
        /// Its place, from 0 on.
        index: usize,
        /// The type that it has.
        got: &'static str,
    },
    /// Neither a text nor an array.
    #[error("invalid claim type. Expected an array of strings, got: {0}")]
    Type(&'static str),
}

/// The values of a claim, each once, in their order. A claim that is absent, null or empty has none.
pub(super) fn values<'a>(claims: &'a Claims, name: &str) -> Result<Vec<&'a str>, Unreadable> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) if text.contains(',') => Err(Unreadable::Csv(text.clone())),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(elements)) => each_once(elements),
        Some(other) => Err(Unreadable::Type(type_of(other))),
    }
}

fn each_once(elements: &[Value]) -> Result<Vec<&str>, Unreadable> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let Value::String(text) = element else {
            let got = type_of(element);
            return Err(Unreadable::Element { index, got });
        };
        if seen.insert(text) {
            values.push(text.as_str());
        }
    }
    Ok(values)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claim: Value) -> Result<Vec<String>, String> {
        let claims = Claims::from_iter([("groups".to_owned(), claim)]);
        let values = values(&claims, "groups").map_err(|unreadable| unreadable.to_string())?;
        Ok(values.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn a_text_is_one_value_and_an_array_has_its_texts_each_once() {
        assert_eq!(read(json!("devs")).unwrap(), ["devs"]);
        assert_eq!(
            read(json!(["b", "a", "b", "x,y"])).unwrap(),
            ["b", "a", "x,y"]
        );
    }

    #[test]
    fn what_is_absent_null_or_empty_has_no_values() {
        for claim in [json!(null), json!(""), json!([])] {
            assert!(read(claim).unwrap().is_empty());
        }
        assert_eq!(values(&Claims::new(), "groups"), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_said_in_the_contracts_words() {
        for (claim, words) in [
            (
                json!("a,b"),
                "invalid claim type. Got a csv string (\"a,b\"), change this claim to return an array of strings instead.",
            ),
            (
                json!(["a", 7]),
                "invalid claim type. Element 1 expected a string, got: number",
            ),
            (
                json!([null]),
                "invalid claim type. Element 0 expected a string, got: null",
            ),
            (
                json!(true),
                "invalid claim type. Expected an array of strings, got: boolean",
            ),
            (
                json!({ "a": [] }),
                "invalid claim type. Expected an array of strings, got: object",
            ),
        ] {
            assert_eq!(read(claim).unwrap_err(), words);
        }
    }
}
