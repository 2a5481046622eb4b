//! What is sent of mappings, and of the texts in settings.

use std::collections::BTreeMap;

use chancery_aggregates::idp_sync::{Mapping, MappingPatch, Pair};
use chancery_aggregates::text::FreeText;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Validation};

/// Pairs that come and go. Members may be written in any case: Go's clients send `Add` and `Given`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct PatchMappingRequest<T> {
    /// Those that come, in order; one that is there already stays where it is.
    #[serde(default, deserialize_with = "null_as_default")]
    add: Vec<PairRequest<T>>,
    /// Those that go, after the others came; one that is not there is passed over.
    #[serde(default, deserialize_with = "null_as_default")]
    remove: Vec<PairRequest<T>>,
}

/// A value of the claim and what it stands for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PairRequest<T> {
    /// The value.
    given: String,
    /// What it stands for.
    gets: T,
}

/// The id of an organization or group. It need not exist.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct TargetId(pub Uuid);

/// The name of a role. It need not exist.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct RoleName(pub String);

/// An object whose members' names count in any case.
#[derive(Debug)]
pub struct AnyCase<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for AnyCase<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        let value = in_lower_case(Value::Object(members));
        serde_json::from_value(value)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

fn in_lower_case(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, value)| (name.to_lowercase(), in_lower_case(value)));
            Value::Object(members.collect())
        }
        Value::Array(elements) => elements.into_iter().map(in_lower_case).collect(),
        other => other,
    }
}

impl<T> PatchMappingRequest<T> {
    /// The pairs, with targets as `target` makes them.
    pub fn patch<U>(
        self,
        target: impl Fn(T) -> Result<U, ApiError>,
    ) -> Result<MappingPatch<U>, ApiError> {
        let pair = |pair: PairRequest<T>| {
            let given = text("given", &pair.given)?;
            let gets = target(pair.gets)?;
            Ok::<_, ApiError>(Pair { given, gets })
        };
        Ok(MappingPatch {
            add: self.add.into_iter().map(pair).collect::<Result<_, _>>()?,
            remove: self
                .remove
                .into_iter()
                .map(pair)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// A mapping as it is sent; null in place of a list is an empty one.
pub type SentMapping<T> = BTreeMap<String, Option<Vec<T>>>;

/// The mapping, with targets as `target` makes them.
pub fn mapping<T, U>(
    sent: SentMapping<T>,
    target: impl Fn(T) -> Result<U, ApiError>,
) -> Result<Mapping<U>, ApiError> {
    let pair = |(given, gets): (String, Option<Vec<T>>)| {
        let gets = gets.unwrap_or_default().into_iter().map(&target);
        Ok((text("mapping", &given)?, gets.collect::<Result<_, _>>()?))
    };
    let pairs: Result<_, ApiError> = sent.into_iter().map(pair).collect();
    Ok(Mapping(pairs?))
}

/// A mapping as it is shown.
pub fn shown<T, U: From<T>>(mapping: Mapping<T>) -> BTreeMap<String, Vec<U>> {
    let pairs = mapping.0.into_iter();
    let pair = |(given, gets): (FreeText, Vec<T>)| {
        let gets = gets.into_iter().map(U::from).collect();
        (given.into(), gets)
    };
    pairs.map(pair).collect()
}

/// The text of `field`.
pub fn text(field: &str, value: &str) -> Result<FreeText, ApiError> {
    FreeText::parse(value)
        .map_err(|invalid| ApiError::validation_failed(vec![Validation::invalid(field, &invalid)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(sent: Value) -> serde_json::Result<MappingPatch<u8>> {
        let AnyCase(request) = serde_json::from_value::<AnyCase<PatchMappingRequest<u8>>>(sent)?;
        Ok(request.patch(Ok).unwrap())
    }

    #[test]
    fn members_are_read_in_any_case_and_texts_stay_as_they_are() {
        let pair = |given: &str, gets| Pair {
            given: FreeText::parse(given).unwrap(),
            gets,
        };
        let expected = MappingPatch {
            add: vec![pair("Devs", 1)],
            remove: vec![pair("OPS", 2)],
        };
        for (add, remove, given, gets) in [
            ("add", "remove", "given", "gets"),
            ("Add", "Remove", "Given", "Gets"),
            ("ADD", "reMove", "gIven", "GETS"),
        ] {
            let sent =
                json!({ add: [{ given: "Devs", gets: 1 }], remove: [{ given: "OPS", gets: 2 }] });
            assert_eq!(patch(sent).unwrap(), expected);
        }
    }

    #[test]
    fn lists_that_are_absent_or_null_are_empty_and_other_types_are_refused() {
        for sent in [json!({}), json!({ "add": null, "remove": null })] {
            let patch = patch(sent).unwrap();
            assert!(patch.add.is_empty() && patch.remove.is_empty());
        }
        for sent in [
            json!([]),
            json!({ "add": {} }),
            json!({ "add": [{ "given": "a" }] }),
            json!({ "add": [{ "given": "a", "gets": "b" }] }),
        ] {
            assert!(patch(sent).is_err());
        }
    }
}
