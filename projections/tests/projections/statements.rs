//! Every statement that lies in a file of the workspace, prepared against the real tables: it is valid, and its parameters and
//! columns have the types that the snapshot says.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use chancery_projections::all;
use sqlx::postgres::PgTypeInfo;
use sqlx::{Column, Either, Executor, PgConnection, Statement, TypeInfo};

use crate::world::World;

/// Files that define tables, which are run as they are: the migrations and each projection's at every start.
const DEFINITIONS: &[&str] = &["/tables.sql", "/indexes.sql"];
/// What is neither a statement nor a definition of the program's.
const OTHERS: &[&str] = &[
    "benches/sql/floor.sql",
    // Needs an extension that only the benchmarks load.
    "benches/sql/statements.sql",
    "projections/tests/projections/users_seed.sql",
];

#[tokio::test]
async fn every_statement_is_valid_and_has_the_parameters_and_columns_that_the_program_expects() {
    let world = World::new().await;
    let projections = world.start(all()).await;
    let mut connection = projections.pool().acquire().await.unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut described = String::new();
    let mut faults = Vec::new();
    for file in sql_files(root).unwrap() {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let is_definition = name.starts_with("migrations/")
            || DEFINITIONS.iter().any(|end| name.ends_with(end))
            || OTHERS.contains(&name.as_str());
        if is_definition {
            continue;
        }
        let statement = fs::read_to_string(&file).unwrap();
        match describe(&mut connection, &statement).await {
            Ok(types) => writeln!(described, "{name}: {types}").unwrap(),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    insta::assert_snapshot!(described);
}

/// `($1, $2, ...) -> (column type, ...)`.
async fn describe(connection: &mut PgConnection, statement: &str) -> Result<String, sqlx::Error> {
    let Some(columns) = statement.trim_start().strip_prefix("COPY ") else {
        let prepared = connection.prepare(statement).await?;
        let parameters = match prepared.parameters() {
            Some(Either::Left(types)) => types.iter().map(|of| of.name().to_owned()).collect(),
            Some(Either::Right(_)) | None => Vec::new(),
        };
        return Ok(format!(
            "({}) -> ({})",
            parameters.join(", "),
            columns_of(&prepared)
        ));
    };
    // Not to be prepared: the server takes it, and what it fills is looked up.
    connection.copy_in_raw(statement).await?.abort("").await?;
    let (table, columns) = columns.split_once('(').unwrap_or_default();
    let (columns, _) = columns.split_once(')').unwrap_or_default();
    let query = format!("SELECT {columns} FROM {table}");
    let prepared = connection.prepare(&query).await?;
    Ok(format!("COPY ({})", columns_of(&prepared)))
}

fn columns_of<'q>(prepared: &impl Statement<'q, Database = sqlx::Postgres>) -> String {
    let columns = prepared.columns().iter();
    let texts: Vec<String> = columns
        .map(|column| {
            let of: &PgTypeInfo = column.type_info();
            format!("{} {}", column.name(), of.name())
        })
        .collect();
    texts.join(", ")
}

/// The `.sql` files below a folder, in order.
fn sql_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&&*name) {
                files.extend(sql_files(&path)?);
            }
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
