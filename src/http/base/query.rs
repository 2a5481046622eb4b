//! Query parameters in, with the API's own answer when they are wrong (docs/contract/core.md 1.1).

use std::borrow::Cow;
use std::fmt;
use std::num::ParseIntError;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_path_to_error::Segment;
use url::form_urlencoded;
use uuid::Uuid;

use super::error::{ApiError, Validation};
use super::{as_of, token_source};

/// At most so many parameters at fault are named.
const NAMED: usize = 10;

/// The query parameters. `T` has `#[serde(default)]`, and `deny_unknown_fields` where unknown ones are refused. One without a
/// value counts as absent; one given twice is refused.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        parse(query).map(Self).map_err(ApiError::invalid_query)
    }
}

/// Reads a query. What is at fault is left out and the rest read anew, so that all of it is named.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Vec<Validation>> {
    let mut pairs: Vec<Pair<'_>> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut invalid = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize(Pairs(&pairs)) {
            Ok(parameters) if invalid.is_empty() => return Ok(parameters),
            Ok(_) => return Err(invalid),
            Err(error) => error,
        };
        let name = match (error.inner().name, error.path().iter().next()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(Segment::Map { key })) => key.clone(),
            (None, _) => String::new(),
        };
        let detail = format!("Query param \"{name}\" {}", error.inner());
        let before = pairs.len();
        pairs.retain(|(other, _)| *other != name);
        invalid.push(Validation::new(name, detail));
        if pairs.len() == before || invalid.len() == NAMED {
            return Err(invalid);
        }
    }
}

/// Reads a parameter that is an id: `#[serde(deserialize_with = "query::uuid")]`.
pub fn uuid<'de, D: Deserializer<'de>, I: From<Uuid>>(
    deserializer: D,
) -> Result<Option<I>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let parsed = Uuid::try_parse(&text);
    let invalid = |_| Error::custom("must be a valid uuid");
    parsed.map(|uuid| Some(uuid.into())).map_err(invalid)
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The names and values of a query.
struct Pairs<'a>(&'a [Pair<'a>]);

impl<'de> Deserializer<'de> for Pairs<'de> {
    type Error = Fault;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let is_left = |name, value: &str| {
            if fields.contains(&name) {
                !value.is_empty()
            } else {
                name != as_of::PARAMETER && !token_source::PARAMETERS.contains(&name)
            }
        };
        let pairs = self.0.iter().map(|(name, value)| (&**name, Value(value)));
        let left = pairs.filter(|(name, value)| is_left(name, value.0));
        visitor.visit_map(MapDeserializer::new(left))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_struct("", &[], visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// A value as it was sent.
struct Value<'a>(&'a str);

impl<'de> IntoDeserializer<'de, Fault> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(Fault::new("must be a valid boolean")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.0.parse().map_err(Fault::no_integer)?;
        visitor.visit_i64(number)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.0.parse().map_err(Fault::no_integer)?;
        visitor.visit_u64(number)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// What is wrong with a parameter.
#[derive(Debug)]
struct Fault {
    /// Its name, where the path does not say it.
    name: Option<&'static str>,
    /// In words that follow the name.
    text: Cow<'static, str>,
}

impl Fault {
    fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: None,
            text: text.into(),
        }
    }

    fn no_integer(_: ParseIntError) -> Self {
        Self::new("must be a valid integer")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(fault: T) -> Self {
        Self::new(fault.to_string())
    }

    fn unknown_field(_name: &str, _known: &'static [&'static str]) -> Self {
        Self::new("is not a valid query param")
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..Self::new("is given twice")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Lenient {
        text: String,
        count: Option<i64>,
        size: usize,
        flag: bool,
        #[serde(deserialize_with = "uuid")]
        id: Option<Uuid>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Strict {
        text: Option<String>,
    }

    fn faults<T: DeserializeOwned + fmt::Debug>(query: &str) -> Vec<(String, String)> {
        let invalid = parse::<T>(query).unwrap_err().into_iter();
        invalid.map(|one| (one.field, one.detail)).collect()
    }

    fn fault(name: &str, what: &str) -> (String, String) {
        (name.to_owned(), format!("Query param \"{name}\" {what}"))
    }

    #[test]
    fn values_are_read_as_what_they_are() {
        let query = "text=a+b%26&count=-7&size=7&flag=1&id=00000000-0000-0000-0000-000000000007";
        let expected = Lenient {
            text: "a b&".to_owned(),
            count: Some(-7),
            size: 7,
            flag: true,
            id: Some(Uuid::from_u128(7)),
        };
        assert_eq!(parse(query), Ok(expected));
    }

    #[test]
    fn a_parameter_without_a_value_counts_as_absent() {
        for query in ["", "text=&count=&size&flag=&id="] {
            assert_eq!(parse(query), Ok(Lenient::default()), "{query}");
        }
    }

    #[test]
    fn every_parameter_at_fault_is_named() {
        let expected = [
            fault("count", "must be a valid integer"),
            fault("size", "must be a valid integer"),
            fault("flag", "must be a valid boolean"),
            fault("id", "must be a valid uuid"),
            fault("text", "is given twice"),
        ];
        let query = "text=a&count=x&size=-1&flag=maybe&id=me&text=b";
        assert_eq!(faults::<Lenient>(query), expected);
    }

    #[test]
    fn unknown_parameters_are_ignored_or_refused_as_the_structure_says() {
        assert_eq!(parse("colour=red&colour=blue"), Ok(Lenient::default()));
        let expected = [
            fault("colour", "is not a valid query param"),
            fault("", "is not a valid query param"),
        ];
        assert_eq!(faults::<Strict>("colour=&=x"), expected);
    }

    #[test]
    fn what_others_read_is_known_everywhere() {
        let query = "as_of=7&coder_session_token=x&access_token=y&access_token=z";
        assert_eq!(parse(query), Ok(Strict::default()));
    }

    #[test]
    fn only_the_first_of_many_faults_are_named() {
        let query = (0..1000).fold(String::new(), |query, number| {
            format!("{query}&x{number}=1")
        });
        assert_eq!(faults::<Strict>(&query).len(), NAMED);
    }
}
