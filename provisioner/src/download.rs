use std::fmt;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};

use crate::RpcError;
use crate::proto::provisioner::{
    ChunkPiece, DataUpload, DataUploadType, FailedFile, FileUpload, file_upload,
};
use crate::upload::MAX_PIECE;

/// A file that is sent to a daemon.
pub struct Download {
    /// What it is.
    pub upload_type: DataUploadType,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, in pieces of any size.
    pub content: BoxStream<'static, Result<Bytes, RpcError>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("upload_type", &self.upload_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Download {
    /// The messages that carry it: what it is, then its pieces.
    pub(crate) fn messages(self) -> impl Stream<Item = Result<FileUpload, RpcError>> + Send {
        let hash = Bytes::copy_from_slice(&self.hash);
        let (size, chunks) = (
            i64::try_from(self.size),
            i32::try_from(self.size.div_ceil(MAX_PIECE as u64)),
        );
        let announcement = match (size, chunks) {
            (Ok(file_size), Ok(chunks)) => Ok(file_upload::Type::DataUpload(DataUpload {
                upload_type: self.upload_type.into(),
                data_hash: hash.clone(),
                file_size,
                chunks,
            })),
            _ => Err(RpcError::new("the file is too large")),
        };
        let pieces = pieces(self.content).zip(stream::iter(0..));
        let pieces = pieces.map(move |(data, piece_index)| {
            Ok(file_upload::Type::ChunkPiece(ChunkPiece {
                data: data?,
                full_data_hash: hash.clone(),
                piece_index,
            }))
        });
        stream::iter([announcement])
            .chain(pieces)
            .map(|content| content.map(message))
    }
}

/// The message that says that a file cannot be sent.
pub(crate) fn failed(error: &RpcError) -> FileUpload {
    message(file_upload::Type::Error(FailedFile {
        error: error.text.clone(),
    }))
}

const fn message(content: file_upload::Type) -> FileUpload {
    FileUpload {
        r#type: Some(content),
    }
}

/// The same bytes in pieces that are full but for the last.
fn pieces(
    content: BoxStream<'static, Result<Bytes, RpcError>>,
) -> impl Stream<Item = Result<Bytes, RpcError>> + Send {
    let start = (content, BytesMut::new());
    stream::unfold(start, |(mut content, mut buffer)| async move {
        while buffer.len() < MAX_PIECE {
            match content.next().await {
                Some(Ok(bytes)) => buffer.extend_from_slice(&bytes),
                Some(Err(error)) => return Some((Err(error), (content, buffer))),
                None => break,
            }
        }
        let piece = buffer.split_to(buffer.len().min(MAX_PIECE)).freeze();
        (!piece.is_empty()).then_some((Ok(piece), (content, buffer)))
    })
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::Upload;

    async fn sent(parts: Vec<Result<Bytes, RpcError>>) -> Result<Vec<FileUpload>, RpcError> {
        let whole: Vec<u8> = parts.iter().flatten().flatten().copied().collect();
        let download = Download {
            upload_type: DataUploadType::UploadTypeModuleFiles,
            hash: Sha256::digest(&whole).into(),
            size: whole.len() as u64,
            content: stream::iter(parts).boxed(),
        };
        download.messages().try_collect().await
    }

    #[tokio::test]
    async fn a_file_arrives_as_it_was_whatever_the_pieces_it_was_read_in() {
        for sizes in [
            vec![],
            vec![1],
            vec![0, MAX_PIECE, 0],
            vec![5, MAX_PIECE - 6, 3, 2 * MAX_PIECE],
        ] {
            let parts = sizes.iter().map(|size| Ok(vec![7; *size].into())).collect();
            let mut messages = sent(parts).await.unwrap().into_iter();
            let Some(file_upload::Type::DataUpload(file)) = messages.next().unwrap().r#type else {
                panic!("no announcement");
            };
            let mut upload = Upload::announced(&file, u64::MAX).unwrap();
            for message in messages {
                let Some(file_upload::Type::ChunkPiece(piece)) = message.r#type else {
                    panic!("no piece");
                };
                upload.take(&piece).unwrap();
            }
            assert_eq!(upload.finish(), Ok(()), "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_to_its_end_is_an_error() {
        let error = RpcError::new("gone");
        let parts = vec![Ok(Bytes::from_static(b"abc")), Err(error.clone())];
        assert_eq!(sent(parts).await, Err(error));
    }
}
