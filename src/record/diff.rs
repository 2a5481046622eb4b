//! The difference of two states as it is shown over HTTP and by the command line.

use chancery_projections::difference;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// Its place: members' names, joined by dots.
    pub field: String,
    /// What it was; absent when it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub old: Option<Value>,
    /// What it is; absent when it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub new: Option<Value>,
    /// Whether it is a secret, whose values are not shown.
    pub secret: bool,
}

impl From<difference::Change> for Change {
    fn from(change: difference::Change) -> Self {
        Self {
            field: change.field,
            old: change.old,
            new: change.new,
            secret: change.secret,
        }
    }
}

/// The fields in which two states differ, in order of their names.
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let changes = difference::changes(old, new);
    changes.into_iter().map(Change::from).collect()
}
