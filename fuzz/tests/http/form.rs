use std::collections::HashMap;

use chancery::http::oauth2::parameters::{Parameter, Parameters, ParametersError};
use chancery_fuzz::fuzz;
use strum::VariantArray as _;
use url::form_urlencoded;

const WORDS: [&str; 12] = [
    "client_id=",
    "client_secret=",
    "co%64e=",
    "code=",
    "redirect_uri=",
    "resource=https%3A%2F%2F",
    "scope=a+b",
    "&",
    "&&",
    "%00",
    "%c3%28",
    "%",
];

/// What the URL standard makes of it: every known parameter with its values, in their order.
fn read_otherwise(raw: &str) -> HashMap<&'static str, Vec<String>> {
    let mut values: HashMap<_, Vec<_>> = HashMap::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        let known = Parameter::VARIANTS
            .iter()
            .find(|known| known.name() == name);
        if let Some(known) = known {
            values.entry(known.name()).or_default().push(value.into());
        }
    }
    values
}

#[test]
fn a_form_or_query_says_what_the_url_standard_reads_in_it_and_each_parameter_once() {
    fuzz(include_str!("../../corpus/form.txt"), &WORDS, |input| {
        let otherwise = read_otherwise(input);
        let holds = |culprit| {
            form_urlencoded::parse(input.as_bytes())
                .any(|(name, value)| name.contains(culprit) || value.contains(culprit))
        };
        let parsed = Parameters::parse(input.as_bytes());
        assert_eq!(parsed, Parameters::from_query(Some(input)));
        match parsed {
            Ok(parameters) => {
                assert!(!holds('\0'));
                for known in Parameter::VARIANTS {
                    let values = otherwise.get(known.name()).map_or(&[][..], Vec::as_slice);
                    assert!(values.len() <= 1);
                    let value = values.first().filter(|value| !value.is_empty());
                    assert_eq!(parameters.get(*known), value.map(String::as_str));
                }
                let shown = format!("{parameters:?}");
                for value in otherwise.values().flatten() {
                    assert!(value.len() < 20 || !shown.contains(value));
                }
            }
            Err(ParametersError::Duplicate(known)) => {
                assert!(otherwise[known.name()].len() > 1);
            }
            Err(ParametersError::NotUtf8) => assert!(holds('\u{fffd}')),
            Err(ParametersError::Nul) => assert!(holds('\0')),
            Err(ParametersError::TooLong) => assert!(input.len() > 64 * 1024),
            Err(error) => panic!("{error}"),
        }
    });
}
