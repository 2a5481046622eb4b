mod groups;
mod organizations;
mod roles;
mod settings;

use serde_json::{Value, json};

use super::{Claims, Mapping, Outcome, Rule, Ruled};
use crate::text::FreeText;

/// A text that is known to be one.
fn text(text: &str) -> FreeText {
    FreeText::parse(text).unwrap()
}

fn mapping<T: Clone>(pairs: &[(&str, &[T])]) -> Mapping<T> {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(given, gets)| (text(given), gets.to_vec()));
    Mapping(pairs.collect())
}

/// Claims with one that is called `claim`.
fn claims(claim: Value) -> Claims {
    Claims::from_iter([("claim".to_owned(), claim), ("other".to_owned(), json!(7))])
}

/// What was decided, of a claim that could be read.
fn ruled<T>(outcome: Option<Outcome<T>>) -> Ruled<T> {
    outcome
        .unwrap()
        .ruled
        .unwrap_or_else(|skipped| panic!("{skipped}"))
}

/// Of each ruling the value, the rule and the target.
fn rules<T: Clone>(ruled: &Ruled<T>) -> Vec<(Option<&str>, Rule, Option<T>)> {
    let rulings = ruled.rulings.iter();
    rulings
        .map(|ruling| {
            let value = ruling.value.as_ref().map(|value| value.expose().as_str());
            (value, ruling.rule, ruling.target.clone())
        })
        .collect()
}
