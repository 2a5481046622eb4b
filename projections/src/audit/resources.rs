//! What the audit trail knows of resources: the table `audit_resources`, as far as a batch needs it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::describe::ResourceType;
use super::fields::Fields;
use crate::copy::Rows;

/// Names a resource: its type and its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ResourceRef {
    pub(super) kind: &'static ResourceType,
    pub(super) key: String,
}

/// A resource's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) target: String,
    pub(super) icon: String,
    pub(super) state: Fields,
    pub(super) deleted: bool,
}

/// How a resource stands to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    /// Its row says the same.
    Same,
    /// Its row has to be changed.
    Changed,
    /// It has no row yet.
    Never,
}

/// The resources that a batch reads and changes.
#[derive(Default)]
pub(super) struct Resources {
    known: HashMap<ResourceRef, (Resource, Stored)>,
    gone: BTreeSet<ResourceRef>,
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
        wanted: HashSet<ResourceRef>,
        connection: &mut PgConnection,
    ) -> Result<Self, sqlx::Error> {
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let wanted: Vec<ResourceRef> = wanted.into_iter().collect();
        let rows: Vec<Row> = sqlx::query_as(include_str!("sql/read_resources.sql"))
            .bind(wanted.iter().map(|one| one.kind.name).collect::<Vec<_>>())
            .bind(wanted.iter().map(|one| &*one.key).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let index = usize::try_from(row.index - 1).unwrap_or(usize::MAX);
            let Some(reference) = wanted.get(index).cloned() else {
                continue;
            };
            let resource = Resource {
                target: row.target,
                icon: row.icon,
                state: Fields::read(reference.kind, row.fields),
                deleted: row.deleted,
            };
            known.insert(reference, (resource, Stored::Same));
        }
        Ok(Self {
            known,
            gone: BTreeSet::new(),
        })
    }

    pub(super) fn get(&self, reference: &ResourceRef) -> Option<&Resource> {
        self.known.get(reference).map(|(resource, _)| resource)
    }

    pub(super) fn set(&mut self, reference: ResourceRef, resource: Resource) {
        let stored = match self.known.get(&reference) {
            None | Some((_, Stored::Never)) => Stored::Never,
            Some((_, Stored::Same | Stored::Changed)) => Stored::Changed,
        };
        self.known.insert(reference, (resource, stored));
    }

    /// Forgets a resource that nothing more will happen to.
    pub(super) fn remove(&mut self, reference: ResourceRef) {
        if !matches!(self.known.remove(&reference), Some((_, Stored::Never))) {
            self.gone.insert(reference);
        }
    }

    /// Writes what changed.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let mut new = Rows::new(6);
        let mut changed = BTreeMap::new();
        let mut known: Vec<_> = self.known.into_iter().collect();
        known.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (reference, (resource, stored)) in known {
            match stored {
                Stored::Same => {}
                Stored::Changed => {
                    changed.insert(reference, resource);
                }
                Stored::Never => {
                    new.begin()
                        .put(reference.kind.name)
                        .put(&reference.key)
                        .put(&resource.target)
                        .put(&resource.icon)
                        .put(resource.state.to_json(reference.kind))
                        .put(resource.deleted);
                }
            }
        }
        new.send(include_str!("sql/copy_resources.sql"), connection)
            .await?;
        update(&changed, connection).await?;
        delete(&self.gone, connection).await
    }
}

async fn update(
    changed: &BTreeMap<ResourceRef, Resource>,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let column = |value: fn(&Resource) -> &str| changed.values().map(value).collect::<Vec<_>>();
    let fields = changed
        .iter()
        .map(|(reference, resource)| resource.state.to_json(reference.kind));
    sqlx::query(include_str!("sql/update_resources.sql"))
        .bind(changed.keys().map(|one| one.kind.name).collect::<Vec<_>>())
        .bind(changed.keys().map(|one| &*one.key).collect::<Vec<_>>())
        .bind(column(|resource| &resource.target))
        .bind(column(|resource| &resource.icon))
        .bind(fields.collect::<Vec<_>>())
        .bind(changed.values().map(|one| one.deleted).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete(
    gone: &BTreeSet<ResourceRef>,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    if gone.is_empty() {
        return Ok(());
    }
    sqlx::query(include_str!("sql/delete_resources.sql"))
        .bind(gone.iter().map(|one| one.kind.name).collect::<Vec<_>>())
        .bind(gone.iter().map(|one| &*one.key).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}
