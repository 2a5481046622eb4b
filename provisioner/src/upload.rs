use sha2::{Digest, Sha256};

use crate::proto::provisioner::{ChunkPiece, DataUpload};

/// Most bytes of a piece.
pub(crate) const MAX_PIECE: usize = 2 << 20;

/// Checks a file that arrives in pieces: they are in order, no more and no fewer than announced, and make up what was announced.
#[derive(Debug)]
pub struct Upload {
    hash: [u8; 32],
    size: u64,
    pieces: i32,
    received: u64,
    next: i32,
    digest: Sha256,
}

/// What is wrong with a file that a daemon sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// The announced hash is no SHA-256.
    #[error("the hash of a file has 32 bytes")]
    HashLength,
    /// The announced size or number of pieces cannot be.
    #[error("the announced size and number of pieces do not fit together")]
    Announcement,
    /// It is announced larger than a file may be.
    #[error("a file has {most} bytes at most")]
    TooBig {
        /// The limit.
        most: u64,
    },
    /// The piece is one of another file.
    #[error("the piece belongs to another file")]
    OtherFile,
    /// The piece is not the next one.
    #[error("piece {expected} is expected, not {got}")]
    Order {
        /// The next one.
        expected: i32,
        /// The one that came.
        got: i32,
    },
    /// A piece is empty, or larger than a piece may be.
    #[error("a piece has 1 to {MAX_PIECE} bytes")]
    PieceSize,
    /// More than announced.
    #[error("the pieces are more than was announced")]
    Excess,
    /// Less than announced.
    #[error("the pieces are less than was announced")]
    Missing,
    /// Something else than announced.
    #[error("the file is not the one that was announced")]
    OtherContent,
}

impl Upload {
    /// Begins with what is announced. `most`: the largest file that is taken, in bytes.
    pub fn announced(file: &DataUpload, most: u64) -> Result<Self, UploadError> {
        let hash = file.data_hash[..].try_into();
        let hash = hash.map_err(|_| UploadError::HashLength)?;
        let size = u64::try_from(file.file_size).map_err(|_| UploadError::Announcement)?;
        if size > most {
            return Err(UploadError::TooBig { most });
        }
        let pieces = u64::try_from(file.chunks).map_err(|_| UploadError::Announcement)?;
        if pieces > size || size > pieces.saturating_mul(MAX_PIECE as u64) {
            return Err(UploadError::Announcement);
        }
        Ok(Self {
            hash,
            size,
            pieces: file.chunks,
            received: 0,
            next: 0,
            digest: Sha256::new(),
        })
    }

    /// Takes the next piece.
    pub fn take(&mut self, piece: &ChunkPiece) -> Result<(), UploadError> {
        if piece.full_data_hash[..] != self.hash {
            return Err(UploadError::OtherFile);
        }
        if piece.piece_index != self.next {
            return Err(UploadError::Order {
                expected: self.next,
                got: piece.piece_index,
            });
        }
        if piece.data.is_empty() || piece.data.len() > MAX_PIECE {
            return Err(UploadError::PieceSize);
        }
        let received = self.received + piece.data.len() as u64;
        if self.next == self.pieces || received > self.size {
            return Err(UploadError::Excess);
        }
        self.digest.update(&piece.data);
        self.received = received;
        self.next += 1;
        Ok(())
    }

    /// Whether all pieces are there.
    pub const fn is_complete(&self) -> bool {
        self.next == self.pieces
    }

    /// Holds what came against what was announced.
    pub fn finish(self) -> Result<(), UploadError> {
        if !self.is_complete() || self.received != self.size {
            return Err(UploadError::Missing);
        }
        if self.digest.finalize()[..] != self.hash {
            return Err(UploadError::OtherContent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const MOST: u64 = 8 << 20;

    fn announced(content: &[u8], chunks: i32) -> DataUpload {
        DataUpload {
            upload_type: 1,
            data_hash: Sha256::digest(content).to_vec().into(),
            file_size: i64::try_from(content.len()).unwrap(),
            chunks,
        }
    }

    fn piece(content: &[u8], index: i32, data: &[u8]) -> ChunkPiece {
        ChunkPiece {
            data: Bytes::copy_from_slice(data),
            full_data_hash: Sha256::digest(content).to_vec().into(),
            piece_index: index,
        }
    }

    fn sent(content: &[u8], pieces: &[&[u8]]) -> Result<(), UploadError> {
        let announced = announced(content, i32::try_from(pieces.len()).unwrap());
        let mut upload = Upload::announced(&announced, MOST)?;
        for (index, data) in (0..).zip(pieces) {
            upload.take(&piece(content, index, data))?;
        }
        upload.finish()
    }

    #[test]
    fn a_file_is_taken_when_its_pieces_make_up_what_was_announced() {
        assert_eq!(sent(b"", &[]), Ok(()));
        assert_eq!(sent(b"abc", &[b"abc"]), Ok(()));
        assert_eq!(sent(b"abc", &[b"a", b"bc"]), Ok(()));
        let large = vec![7; MAX_PIECE + 1];
        assert_eq!(sent(&large, &[&large[1..], &[7]]), Ok(()));
    }

    #[test]
    fn a_file_that_is_not_what_was_announced_is_refused() {
        assert_eq!(sent(b"abc", &[b"ab"]), Err(UploadError::Missing));
        assert_eq!(sent(b"abc", &[b"abd"]), Err(UploadError::OtherContent));
        assert_eq!(sent(b"abc", &[b"abc", b"d"]), Err(UploadError::Excess));
        assert_eq!(sent(b"abc", &[b"", b"abc"]), Err(UploadError::PieceSize));
        let large = vec![7; MAX_PIECE + 1];
        assert_eq!(sent(&large, &[&large, &[7]]), Err(UploadError::PieceSize));
    }

    #[test]
    fn an_announcement_that_cannot_be_is_refused() {
        let refused = |change: fn(&mut DataUpload)| {
            let mut file = announced(b"abc", 1);
            change(&mut file);
            Upload::announced(&file, MOST).unwrap_err()
        };
        assert_eq!(
            refused(|file| file.data_hash = Bytes::from_static(&[7; 31])),
            UploadError::HashLength
        );
        for change in [
            (|file| file.file_size = -1) as fn(&mut DataUpload),
            |file| file.chunks = -1,
            |file| file.chunks = 0,
            |file| file.chunks = 4,
            |file| file.file_size = (2 << 20) + 1,
        ] {
            assert_eq!(refused(change), UploadError::Announcement);
        }
        assert_eq!(
            refused(|file| file.file_size = i64::MAX),
            UploadError::TooBig { most: MOST }
        );
    }

    #[test]
    fn a_piece_of_another_file_or_out_of_order_is_refused() {
        let mut upload = Upload::announced(&announced(b"abc", 2), MOST).unwrap();
        assert_eq!(
            upload.take(&piece(b"abd", 0, b"a")),
            Err(UploadError::OtherFile)
        );
        let order = |got| Err(UploadError::Order { expected: 0, got });
        for index in [-1, 1] {
            assert_eq!(upload.take(&piece(b"abc", index, b"a")), order(index));
        }
        assert_eq!(upload.take(&piece(b"abc", 0, b"a")), Ok(()));
        assert_eq!(
            upload.take(&piece(b"abc", 0, b"a")),
            Err(UploadError::Order {
                expected: 1,
                got: 0
            })
        );
        assert_eq!(upload.finish(), Err(UploadError::Missing));
    }
}
