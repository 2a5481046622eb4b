//! Rows for `COPY ... FROM STDIN (FORMAT binary)`, the fastest way for many rows into a table.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;
use uuid::Uuid;

/// What such data begins with: signature, no flags, no header extension (PostgreSQL manual, COPY).
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// 2000-01-01T00:00:00Z in seconds of the Unix epoch: where PostgreSQL's timestamps begin.
const EPOCH: i64 = 946_684_800;

/// Rows of one table. Each row is begun, then gets its values in the order of the statement's columns.
pub(crate) struct Rows {
    data: Vec<u8>,
    columns: i16,
}

impl Rows {
    /// No rows, of so many columns each.
    pub(crate) fn new(columns: i16) -> Self {
        Self {
            data: HEADER.to_vec(),
            columns,
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.data.len() == HEADER.len()
    }

    /// Begins a row.
    pub(crate) fn begin(&mut self) -> &mut Self {
        self.data.extend(self.columns.to_be_bytes());
        self
    }

    /// Adds a value to the row.
    pub(crate) fn put(&mut self, value: &(impl Value + ?Sized)) -> &mut Self {
        let start = self.data.len();
        self.data.extend([0; 4]);
        let length = if value.put(&mut self.data) {
            length(self.data.len() - start - 4)
        } else {
            -1
        };
        self.data[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self
    }

    /// Sends them by a statement such as `COPY t (a, b) FROM STDIN (FORMAT binary)`.
    pub(crate) async fn send(
        self,
        statement: &str,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if self.is_empty() {
            return Ok(());
        }
        let copy = connection.copy_in_raw(statement).await?;
        Sending { copy, rows: self }.finish().await
    }
}

/// Rows on their way: the server takes those that are complete while the next are made.
pub(crate) struct Sending<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    rows: Rows,
}

impl<'c> Sending<'c> {
    /// Sent at once.
    const CHUNK: usize = 64 << 10;

    /// Begins with a statement such as `COPY t (a, b) FROM STDIN (FORMAT binary)` and rows of so many columns.
    pub(crate) async fn begin(
        statement: &str,
        columns: i16,
        connection: &'c mut PgConnection,
    ) -> Result<Self, sqlx::Error> {
        Ok(Self {
            copy: connection.copy_in_raw(statement).await?,
            rows: Rows::new(columns),
        })
    }

    /// Where rows are added.
    pub(crate) fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }

    /// Sends complete rows when there are enough of them.
    pub(crate) async fn advance(&mut self) -> Result<(), sqlx::Error> {
        if self.rows.data.len() >= Self::CHUNK {
            self.copy.send(self.rows.data.as_slice()).await?;
            self.rows.data.clear();
        }
        Ok(())
    }

    /// Sends the rest, and returns when all rows are there.
    pub(crate) async fn finish(mut self) -> Result<(), sqlx::Error> {
        self.rows.data.extend(TRAILER);
        self.copy.send(self.rows.data.as_slice()).await?;
        self.copy.finish().await?;
        Ok(())
    }
}

/// A length beyond its range is one that the server refuses.
fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

/// A value in PostgreSQL's binary form.
pub(crate) trait Value {
    /// Appends it; `false` (and nothing appended) when it is null.
    fn put(&self, data: &mut Vec<u8>) -> bool;
}

impl<T: Value> Value for Option<T> {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        self.as_ref().is_some_and(|value| value.put(data))
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        (*self).put(data)
    }
}

impl Value for i64 {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.to_be_bytes());
        true
    }
}

impl Value for i32 {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.to_be_bytes());
        true
    }
}

impl Value for i16 {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.to_be_bytes());
        true
    }
}

impl Value for bool {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.push(u8::from(*self));
        true
    }
}

impl Value for Uuid {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.as_bytes());
        true
    }
}

/// `text`, `varchar` and `json`.
impl Value for str {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.as_bytes());
        true
    }
}

impl Value for String {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        self.as_str().put(data)
    }
}

/// `text[]`.
impl Value for [String] {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        const TEXT: i32 = 25;
        let dimensions = i32::from(!self.is_empty());
        for number in [dimensions, 0, TEXT] {
            data.extend(number.to_be_bytes());
        }
        if !self.is_empty() {
            for number in [length(self.len()), 1] {
                data.extend(number.to_be_bytes());
            }
        }
        for element in self {
            data.extend(length(element.len()).to_be_bytes());
            data.extend(element.as_bytes());
        }
        true
    }
}

/// `json`, not `jsonb`.
impl Value for serde_json::Value {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        data.extend(self.to_string().as_bytes());
        true
    }
}

/// `timestamptz`: microseconds; a time beyond its range is its greatest.
impl Value for DateTime<Utc> {
    fn put(&self, data: &mut Vec<u8>) -> bool {
        let since = self.signed_duration_since(DateTime::UNIX_EPOCH) - TimeDelta::seconds(EPOCH);
        since.num_microseconds().unwrap_or(i64::MAX).put(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &impl Value) -> Option<Vec<u8>> {
        let mut data = Vec::new();
        value.put(&mut data).then_some(data)
    }

    #[test]
    fn a_null_is_a_length_of_minus_one() {
        let mut rows = Rows::new(2);
        rows.begin().put(&None::<i64>).put("a");
        assert_eq!(
            rows.data[HEADER.len()..],
            [0, 2, 255, 255, 255, 255, 0, 0, 0, 1, b'a']
        );
    }

    #[test]
    fn times_are_microseconds_since_2000() {
        let time: DateTime<Utc> = "2000-01-01T00:00:01.000002Z".parse().unwrap();
        assert_eq!(bytes(&time), Some(1_000_002_i64.to_be_bytes().to_vec()));
        let time: DateTime<Utc> = "1999-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(bytes(&time), Some((-1_000_000_i64).to_be_bytes().to_vec()));
    }
}
