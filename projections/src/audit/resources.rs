//! What the audit trail knows of resources: the table `audit_resources`, as far as a batch needs it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection};

/// Names a resource: its type, in the audit API's words, and its key.
pub(super) type ResourceRef = (&'static str, String);

/// A resource's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) target: String,
    pub(super) icon: String,
    pub(super) fields: Map<String, Value>,
    pub(super) deleted: bool,
}

/// The resources that a batch reads and changes.
#[derive(Default)]
pub(super) struct Resources {
    known: BTreeMap<ResourceRef, Resource>,
    changed: BTreeSet<ResourceRef>,
}

#[derive(FromRow)]
struct Row {
    index: i64,
    target: String,
    icon: String,
    fields: Value,
    deleted: bool,
}

impl Resources {
    /// Reads those that are there.
    pub(super) async fn read(
        wanted: BTreeSet<ResourceRef>,
        connection: &mut PgConnection,
    ) -> Result<Self, sqlx::Error> {
        let wanted: Vec<ResourceRef> = wanted.into_iter().collect();
        let rows: Vec<Row> = sqlx::query_as(include_str!("sql/read_resources.sql"))
            .bind(wanted.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
            .bind(
                wanted
                    .iter()
                    .map(|(_, key)| key.as_str())
                    .collect::<Vec<_>>(),
            )
            .fetch_all(connection)
            .await?;
        let mut known = BTreeMap::new();
        for row in rows {
            let reference = usize::try_from(row.index - 1)
                .ok()
                .and_then(|index| wanted.get(index))
                .cloned();
            let (Some(reference), Value::Object(fields)) = (reference, row.fields) else {
                continue;
            };
            let resource = Resource {
                target: row.target,
                icon: row.icon,
                fields,
                deleted: row.deleted,
            };
            known.insert(reference, resource);
        }
        Ok(Self {
            known,
            changed: BTreeSet::new(),
        })
    }

    pub(super) fn get(&self, kind: &'static str, key: &str) -> Option<&Resource> {
        self.known.get(&(kind, key.to_owned()))
    }

    pub(super) fn set(&mut self, reference: ResourceRef, resource: Resource) {
        self.changed.insert(reference.clone());
        self.known.insert(reference, resource);
    }

    /// Writes those that changed.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let rows: Vec<(&ResourceRef, &Resource)> = self
            .changed
            .iter()
            .filter_map(|reference| Some((reference, self.known.get(reference)?)))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        sqlx::query(include_str!("sql/write_resources.sql"))
            .bind(rows.iter().map(|((kind, _), _)| *kind).collect::<Vec<_>>())
            .bind(
                rows.iter()
                    .map(|((_, key), _)| key.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(
                rows.iter()
                    .map(|(_, resource)| resource.target.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(
                rows.iter()
                    .map(|(_, resource)| resource.icon.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(
                rows.iter()
                    .map(|(_, resource)| Value::Object(resource.fields.clone()))
                    .collect::<Vec<_>>(),
            )
            .bind(
                rows.iter()
                    .map(|(_, resource)| resource.deleted)
                    .collect::<Vec<_>>(),
            )
            .execute(connection)
            .await?;
        Ok(())
    }
}
