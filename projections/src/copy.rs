//! Rows for `COPY ... FROM STDIN (FORMAT binary)`, the fastest way for many rows into a table.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgCopyIn};
use sqlx::{PgConnection, Postgres};

/// What such data begins with: signature, no flags, no header extension (PostgreSQL manual, COPY).
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Rows of one table. Each row is begun, then gets its values in the order of the statement's columns.
pub(crate) struct Rows {
    data: PgArgumentBuffer,
    columns: i16,
    /// The first value that has no binary form.
    failed: Option<BoxDynError>,
}

impl Rows {
    /// No rows, of so many columns each.
    pub(crate) fn new(columns: i16) -> Self {
        let mut data = PgArgumentBuffer::default();
        data.extend_from_slice(HEADER);
        Self {
            data,
            columns,
            failed: None,
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.data.len() == HEADER.len()
    }

    /// Begins a row.
    pub(crate) fn begin(&mut self) -> &mut Self {
        self.data.extend_from_slice(&self.columns.to_be_bytes());
        self
    }

    /// Adds a value to the row. JSON is put as its text: sqlx gives it the mark of `jsonb`.
    pub(crate) fn put<'q>(&mut self, value: impl Encode<'q, Postgres>) -> &mut Self {
        let start = self.data.len();
        self.data.extend_from_slice(&[0; 4]);
        let length = match value.encode_by_ref(&mut self.data) {
            // A length beyond its range is one that the server refuses.
            Ok(IsNull::No) => i32::try_from(self.data.len() - start - 4).unwrap_or(i32::MAX),
            Ok(IsNull::Yes) => -1,
            Err(error) => {
                self.failed.get_or_insert(error);
                -1
            }
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
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends the rest, and returns when all rows are there.
    pub(crate) async fn finish(mut self) -> Result<(), sqlx::Error> {
        self.rows.data.extend_from_slice(&TRAILER);
        self.flush().await?;
        self.copy.finish().await?;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        if let Some(error) = self.rows.failed.take() {
            return Err(sqlx::Error::Encode(error));
        }
        self.copy.send(self.rows.data.as_slice()).await?;
        self.rows.data.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_is_a_length_of_minus_one() {
        let mut rows = Rows::new(2);
        rows.begin().put(None::<i64>).put("a");
        assert_eq!(
            rows.data[HEADER.len()..],
            [0, 2, 255, 255, 255, 255, 0, 0, 0, 1, b'a']
        );
    }
}
