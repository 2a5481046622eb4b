//! What resources are called: the table `audit_names`.

use std::collections::{HashMap, HashSet};

use chancery_aggregates::audit::{Entry, Title};
use sqlx::{Executor, PgConnection, Postgres};
use uuid::Uuid;

use crate::copy::Rows;

/// A resource: its type and its id.
pub(super) type Named = (&'static str, Uuid);

/// A name and an icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) icon: String,
}

/// Whose name an entry shows, where the event does not say it.
pub(super) fn looked_up(entry: &Entry) -> Option<Named> {
    match &entry.title {
        Title::Set { .. } | Title::Said(_) => None,
        Title::Kept => Some((entry.resource.name, entry.id)),
        Title::Of(resource, id) => Some((resource.name, *id)),
    }
}

/// What an entry shows, given the name that was looked up. A thing that another is called after shows by its id when it has no
/// name.
pub(super) fn shown(entry: &Entry, found: Option<&Name>) -> Name {
    let name = |name: String| Name {
        name,
        icon: String::new(),
    };
    match (&entry.title, found) {
        (Title::Set { name, icon }, _) => Name {
            name: name.clone(),
            icon: icon.clone(),
        },
        (Title::Said(text), _) => name(text.clone()),
        (Title::Kept | Title::Of(..), Some(found)) => found.clone(),
        (Title::Kept, None) => name(String::new()),
        (Title::Of(_, id), None) => name(id.to_string()),
    }
}

/// What each of these was called at a position; one without a name is left out.
pub(super) async fn at(
    wanted: &[(Named, i64)],
    executor: impl Executor<'_, Database = Postgres>,
) -> Result<HashMap<(Named, i64), Name>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let types: Vec<_> = wanted.iter().map(|((kind, _), _)| *kind).collect();
    let ids: Vec<_> = wanted.iter().map(|((_, id), _)| *id).collect();
    let positions: Vec<_> = wanted.iter().map(|(_, position)| *position).collect();
    let rows: Vec<(i64, String, String)> = sqlx::query_as(include_str!("sql/find_names.sql"))
        .bind(types)
        .bind(ids)
        .bind(positions)
        .fetch_all(executor)
        .await?;
    let found = rows.into_iter().filter_map(|(index, name, icon)| {
        let index = usize::try_from(index - 1).ok()?;
        Some((*wanted.get(index)?, Name { name, icon }))
    });
    Ok(found.collect())
}

/// The names in force while a batch is applied.
pub(super) struct Names {
    known: HashMap<Named, Name>,
    new: Rows,
}

impl Names {
    /// Reads those that a batch needs.
    pub(super) async fn read(
        entries: impl Iterator<Item = &Entry>,
        connection: &mut PgConnection,
    ) -> Result<Self, sqlx::Error> {
        let needed: HashSet<Named> = entries
            .filter_map(|entry| match &entry.title {
                Title::Set { .. } => Some((entry.resource.name, entry.id)),
                Title::Said(_) => None,
                Title::Kept | Title::Of(..) => looked_up(entry),
            })
            .collect();
        let needed: Vec<_> = needed.into_iter().map(|named| (named, i64::MAX)).collect();
        let known = at(&needed, connection).await?;
        Ok(Self {
            known: known
                .into_iter()
                .map(|((named, _), name)| (named, name))
                .collect(),
            new: Rows::new(5),
        })
    }

    /// What the entry of an event at a position shows; remembers a name that the event gives.
    pub(super) fn pass(&mut self, entry: &Entry, position: i64) -> Name {
        let found = looked_up(entry).and_then(|named| self.known.get(&named));
        let shown = shown(entry, found);
        if let Title::Set { .. } = entry.title {
            let named = (entry.resource.name, entry.id);
            if self.known.get(&named) != Some(&shown) {
                self.new
                    .begin()
                    .put(named.0)
                    .put(named.1)
                    .put(position)
                    .put(&shown.name)
                    .put(&shown.icon);
                self.known.insert(named, shown.clone());
            }
        }
        shown
    }

    /// Writes the names that were given.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let statement = include_str!("sql/copy_names.sql");
        self.new.send(statement, connection).await
    }
}
