//! Why an operation failed, without transport: what is refused, what went against it, what is out of order. Each transport
//! maps it exhaustively, last.

mod sources;

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use chancery_aggregates::RefusalClass;
use chancery_aggregates::provisioner_tags::InvalidTags;
use chancery_aggregates::validation::InvalidValue;
use chancery_projections::Behind;

use crate::authenticate::Unauthenticated;

/// Why an operation failed. Nothing was recorded, but where it says so.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule refuses it.
    #[error("{0}")]
    Refused(Box<Refused>),
    /// There is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound,
    /// The caller sees the thing and may not do that.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// It is not known who asks.
    #[error("{0}")]
    Unauthenticated(Unauthenticated),
    /// Tried too often: how long to wait.
    #[error("too many attempts, try again in {} s", .0.as_secs())]
    TooManyAttempts(Duration),
    /// Another thing holds a name that must be one thing's alone: its unique key.
    #[error("the key {0} is taken")]
    KeyTaken(String),
    /// A stream does not hold a key that it must hold.
    #[error("the key {0} is not held")]
    KeyNotHeld(String),
    /// It lost to others who changed the same thing, again and again.
    #[error("changed concurrently")]
    Conflict,
    /// It is recorded, and not shown in time: a read model is behind.
    #[error(transparent)]
    Behind(Behind),
    /// The database is away or too busy. Where an append's outcome is unknown it may have been recorded.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of this program or of what it stored.
    #[error("{0}")]
    Internal(String),
}

/// A refusal, with what people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What kind of no it is.
    pub class: RefusalClass,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// More about it.
    pub detail: Option<String>,
    /// The fields at fault.
    pub fields: Vec<InvalidField>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// A field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// Its name.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub detail: String,
}

impl InvalidField {
    /// `field` is at fault because of `detail`.
    pub fn new(field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }

    /// Those of several fields that break a rule.
    pub(crate) fn all<'a>(
        fields: impl IntoIterator<Item = (&'static str, Option<&'a InvalidValue>)>,
    ) -> Vec<Self> {
        let fields = fields.into_iter();
        fields
            .filter_map(|(field, invalid)| Some(Self::new(field, invalid?.to_string())))
            .collect()
    }

    /// `field` is missing.
    pub(crate) fn required(field: &'static str) -> Self {
        Self::new(
            field,
            "Validation failed for tag \"required\" with value: \"\"",
        )
    }

    /// `field` has none of the values it may have.
    pub(crate) fn not_one_of(field: &'static str, value: &str) -> Self {
        Self::new(
            field,
            format!("Validation failed for tag \"oneof\" with value: \"{value}\""),
        )
    }
}

/// Checks fields, and notes each that breaks a rule.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<InvalidField>);

impl Checks {
    /// What `field` was found to be. The default stands for what breaks a rule, and [`pass`](Self::pass) lets it go no further.
    pub(crate) fn of<T: Default>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        checked: Result<T, InvalidValue>,
    ) -> T {
        checked.unwrap_or_else(|invalid| {
            self.note(field, invalid.to_string());
            T::default()
        })
    }

    /// Like [`of`](Self::of), where a field may be left out.
    pub(crate) fn sent<T>(
        &mut self,
        field: &'static str,
        value: Option<&String>,
        parse: impl FnOnce(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        self.of(field, value.map(|value| parse(value)).transpose())
    }

    /// The value of this name among those that `field` may have; the empty name is the default's.
    pub(crate) fn one_of<T: Default + FromStr>(&mut self, field: &'static str, name: &str) -> T {
        if name.is_empty() {
            return T::default();
        }
        name.parse().unwrap_or_else(|_| {
            self.0.push(InvalidField::not_one_of(field, name));
            T::default()
        })
    }

    /// `field` is at fault because of `detail`.
    pub(crate) fn note(&mut self, field: impl Into<Cow<'static, str>>, detail: impl Into<String>) {
        self.0.push(InvalidField::new(field, detail));
    }

    /// `value`, unless a field is at fault.
    pub(crate) fn pass<T>(self, value: T) -> Result<T, Failure> {
        match self.0.as_slice() {
            [] => Ok(value),
            _ => Err(Failure::invalid(self.0)),
        }
    }
}

impl Refused {
    /// A refusal of `class`.
    pub fn new(class: RefusalClass, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            class,
            message: message.into(),
            detail: None,
            fields: Vec::new(),
        }
    }

    /// It cannot be done to the thing as it is.
    pub fn impossible(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalClass::Impossible, message)
    }

    /// It is nobody's to do.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalClass::Forbidden, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalClass::NotFound, message)
    }

    /// Another has the value of `field`.
    pub fn taken(
        message: impl Into<Cow<'static, str>>,
        field: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(RefusalClass::Taken, message).with_field(field, detail)
    }

    /// Tags of a provisioner that nothing can have.
    pub(crate) fn tags(invalid: &InvalidTags) -> Self {
        let message = "Given tags are not acceptable to the service";
        Self::impossible(message).with_field("tags", invalid.to_string())
    }

    /// `field` is at fault; one text says so of it and of the whole.
    pub fn invalid(field: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(RefusalClass::Invalid { field }, text.clone()).with_field(field, text)
    }

    /// Several values of one field are at fault.
    pub(crate) fn fields(
        field: &'static str,
        message: impl Into<Cow<'static, str>>,
        fields: Vec<InvalidField>,
    ) -> Self {
        Self {
            fields,
            ..Self::new(RefusalClass::Invalid { field }, message)
        }
    }

    /// With a field at fault.
    #[must_use]
    pub fn with_field(mut self, field: &'static str, detail: impl Into<String>) -> Self {
        self.fields.push(InvalidField::new(field, detail));
        self
    }

    /// With more about it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl Failure {
    /// The caller sees the thing and may not do that; nothing more is to be said.
    pub const NOT_ALLOWED: Self = Self::NotAllowed("Forbidden.");

    /// With a text of its own for one who may not do it.
    pub(crate) fn saying(self, message: &'static str) -> Self {
        match self {
            Self::NotAllowed(_) => Self::NotAllowed(message),
            other => other,
        }
    }

    /// Some of several fields are at fault.
    pub(crate) fn invalid(fields: Vec<InvalidField>) -> Self {
        let field = "";
        Refused {
            fields,
            ..Refused::new(RefusalClass::Invalid { field }, "Validation failed.")
        }
        .into()
    }

    /// A fault.
    pub(crate) fn internal(cause: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::Internal(cause.to_string())
    }

    /// What a name that is taken is told as.
    pub(crate) fn or_taken(self, taken: impl FnOnce(&str) -> Refused) -> Self {
        match self {
            Self::KeyTaken(key) => taken(&key).into(),
            other => other,
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}
