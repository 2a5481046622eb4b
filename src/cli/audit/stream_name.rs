//! Streams by the names of what they are about.

use chancery_aggregates::{group, user};
use chancery_ledger::LedgerReader;
use uuid::Uuid;

use super::filter::organization;
use crate::cli::failure::Failure;

/// The type and the id of a stream that is named by id, or by the name it has now: `user/ada`, `user/ada@example.com`,
/// `organization/acme`, `group/acme/admins`.
pub async fn resolve(reader: &LedgerReader, text: &str) -> Result<(String, String), Failure> {
    let Some((kind, name)) = text.split_once('/') else {
        let message = format!(
            "{text} names no stream: expected <aggregate type>/<id> or <aggregate type>/<name>"
        );
        return Err(Failure::Usage(message));
    };
    let id = match kind {
        _ if Uuid::parse_str(name).is_ok() => None,
        "user" if name.contains('@') => reader.key_holder(&user::email_key(name)).await?,
        "user" => reader.key_holder(&user::username_key(name)).await?,
        "organization" => Some(organization(reader, name).await?),
        "group" => match name.split_once('/') {
            Some((of, name)) => group_of(reader, of, name).await?,
            None => None,
        },
        _ => None,
    };
    Ok((kind.to_owned(), id.unwrap_or_else(|| name.to_owned())))
}

async fn group_of(reader: &LedgerReader, of: &str, name: &str) -> Result<Option<String>, Failure> {
    let id = organization(reader, of).await?.parse();
    let Ok(id) = id else { return Ok(None) };
    Ok(reader.key_holder(&group::name_key(id, name)).await?)
}
