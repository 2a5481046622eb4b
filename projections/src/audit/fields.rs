//! The tracked fields of a resource.

use serde_json::Value;

use super::describe::ResourceType;

/// Values of a resource's fields, each named once. An absent one counts as its kind's zero value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl<const N: usize> From<[(&'static str, Value); N]> for Fields {
    fn from(fields: [(&'static str, Value); N]) -> Self {
        fields.into_iter().collect()
    }
}

impl FromIterator<(&'static str, Value)> for Fields {
    fn from_iter<T: IntoIterator<Item = (&'static str, Value)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Fields {
    /// As it was stored for a resource of this type. Fields that are no longer tracked are left out.
    pub(super) fn read(kind: &ResourceType, stored: Value) -> Self {
        let Value::Object(mut stored) = stored else {
            return Self::default();
        };
        let mut field = |name: &'static str| Some((name, stored.remove(name)?));
        kind.fields
            .iter()
            .filter_map(|tracked| field(tracked.name))
            .collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find_map(|(known, value)| (*known == name).then_some(value))
    }

    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, place)) => *place = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes over what was written.
    pub(super) fn extend(&mut self, written: Self) {
        for (name, value) in written.0 {
            self.set(name, value);
        }
    }

    /// As JSON, to be stored, in the order of the tracked fields: the same state gives the same text, however it came to be.
    pub(super) fn to_json(&self, kind: &ResourceType) -> String {
        let mut text = String::from("{");
        for field in kind.fields {
            if let Some(value) = self.get(field.name) {
                super::diff::name(&mut text, field.name);
                super::diff::value(&mut text, value);
            }
        }
        text.push('}');
        text
    }
}
